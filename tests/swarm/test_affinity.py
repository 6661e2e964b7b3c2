"""What a member has read: how far a prompt is known, and that it stays bounded and keeps no text."""

from dataclasses import replace

from localswarm.chat import ChatRequest, Image, Message, Text, Thinking, ToolCall, ToolSpec
from localswarm.swarm import affinity
from localswarm.swarm.affinity import Record, cut

ROOM = 10**6
SYSTEM = Message("system", (Text("You are an agent. " * 50),))


def user(text: str) -> Message:
    return Message("user", (Text(text),))


def request(*messages: Message, tool: str = "read") -> ChatRequest:
    return ChatRequest("r", "m", (SYSTEM, *messages), (ToolSpec(tool, "d" * 400),))


def total(asked: ChatRequest) -> int:
    return sum(piece.tokens for piece in cut(asked))


def test_the_next_turn_is_known_up_to_what_is_new() -> None:
    record = Record()
    first = request(user("a" * 400))
    record.read(cut(first), ROOM)
    then = replace(first, messages=(*first.messages, Message("assistant", (Text("b" * 400),)), user("c" * 400)))
    assert record.known(cut(first)) == total(first)
    assert record.known(cut(then)) == total(first) < total(then)


def test_another_conversation_shares_the_beginning_alone() -> None:
    record = Record()
    record.read(cut(request(user("one"))), ROOM)
    head = cut(request())[0].tokens
    assert record.known(cut(request(user("two"), user("one")))) == head
    assert record.known(cut(request(user("one"), tool="write"))) == 0


def test_messages_are_told_apart_wherever_they_are_cut() -> None:
    assert cut(request(user("ab"), user("c")))[-1].key != cut(request(user("a"), user("bc")))[-1].key
    assert cut(request(user("a")))[-1].key != cut(request(Message("assistant", (Text("a"),))))[-1].key


def test_thoughts_and_ids_do_not_matter_and_pictures_do() -> None:
    call = Message("assistant", (Thinking("hm"), ToolCall("id-1", "read", "{}")))
    same = Message("assistant", (ToolCall("id-2", "read", "{}"),))
    assert cut(request(call)) == cut(request(same))
    one, other = (cut(request(Message("user", (Image(url),)))) for url in ("data:a", "data:b"))
    assert one[-1].key != other[-1].key and one[-1].tokens > affinity.IMAGE_TOKENS


def test_a_text_without_messages_is_known_by_its_beginning() -> None:
    record = Record()
    for raw, more in (("x" * 5000, "y" * 5000), (tuple(range(1000)), tuple(range(9, 1000)))):
        asked = ChatRequest("r", "m", (), raw=raw)
        record.read(cut(asked), ROOM)
        longer = replace(asked, raw=raw + more)  # type: ignore[operator]
        assert 0.7 * total(asked) < record.known(cut(longer)) <= total(asked)


def test_what_was_used_least_recently_goes_first_and_ends_before_beginnings() -> None:
    record = Record()
    old, new = request(user("a" * 4000)), request(user("b" * 4000))
    record.read(cut(old), ROOM)
    record.read(cut(new), total(new) + 10)
    assert record.known(cut(new)) == total(new)
    assert record.known(cut(old)) == cut(old)[0].tokens


def test_it_is_bounded_in_pieces() -> None:
    record = Record()
    many = request(*(user(str(number)) for number in range(affinity.MOST_PIECES + 50)))
    record.read(cut(many), 10**9)
    assert record.known(cut(many)) <= total(many) - 50


def test_no_text_is_kept() -> None:
    record = Record()
    record.read(cut(request(user("a very secret word"))), ROOM)
    assert b"secret" not in b"".join(record._kept) and all(len(key) == 16 for key in record._kept)
