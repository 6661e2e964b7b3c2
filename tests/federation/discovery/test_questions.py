"""When everybody is asked."""

from localswarm.federation.discovery.questions import EARLY, LATER_SECONDS, Questions


def test_often_at_first_and_seldom_later() -> None:
    questions, now, asked = Questions(begun=100.0), 100.0, []
    while now < 500:
        if questions.due(now):
            asked.append(now - 100)
        now += max(questions.wait(now), 0.001)
    assert [round(time, 1) for time in asked] == [*EARLY, *(EARLY[-1] + i * LATER_SECONDS for i in (1, 2, 3))]


def test_it_is_told_how_long_to_wait() -> None:
    questions = Questions(begun=0.0)
    assert questions.wait(0.0) == 0 and questions.due(0.0) and questions.first
    assert questions.wait(0.1) == EARLY[1] - 0.1
    assert not questions.due(0.1)
    assert questions.due(0.3) and not questions.first
