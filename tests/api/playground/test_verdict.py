"""How an answer was chosen, on the page, and the way of answering that its user wants."""

from localswarm.chat import Policy
from playwright.sync_api import Browser, expect

from ..choosing import SINGLE, choosing, told
from .page import opened

LINE = (
    "Chosen by vote: otter (small) · short answer · 3 of 4 valid · 81 % agree · decided early · Warning: One was slow."
)


def test_one_line_unfolds_to_the_ballots(browser: Browser) -> None:
    with choosing() as (url, _), opened(browser, url) as page:
        page.ask("What is it?")
        page.ended()
        verdict = page.answer.locator("details.swarm")
        expect(verdict.locator("summary")).to_have_text(LINE)
        expect(verdict.locator("table")).to_be_hidden()
        verdict.locator("summary").click()
        rows = verdict.locator("tbody tr")
        expect(rows.nth(0)).to_have_text("WonottersmallA0.771.2 s2")
        expect(rows.nth(1)).to_contain_text("Second")
        expect(rows.nth(3)).to_contain_text("no vote: it was cut off")
        expect(verdict.locator("pre")).to_have_text(["It is 42.", 'It is 41.\nRead({"path":"a"})', "42"])
        verdict.locator("summary").click()
        verdict.locator("summary").click()
        expect(verdict.locator("pre")).to_have_count(3)


def test_what_they_said_may_be_gone(browser: Browser) -> None:
    with choosing() as (url, swarm), opened(browser, url) as page:
        page.page.route("**/v1/swarm/requests/*", lambda route: route.fulfill(status=404, json={}))
        page.ask("What is it?")
        page.ended()
        page.answer.locator("details.swarm summary").click()
        expect(page.answer.locator(".swarm p")).to_have_text("What they said is not kept any more.")
        expect(page.answer.locator(".swarm tbody tr")).to_have_count(4)
        assert "404" in page.problems.pop() and swarm.asked


def test_a_single_answer_says_whose_it_is(browser: Browser) -> None:
    with choosing(told(SINGLE)) as (url, _), opened(browser, url) as page:
        page.ask("What is it?")
        expect(page.answer.locator(".swarm summary")).to_have_text("Answered by otter (small)")


def test_it_is_there_after_a_reload(browser: Browser) -> None:
    with choosing() as (url, _), opened(browser, url) as page:
        page.ask("What is it?")
        page.ended()
        page.page.reload()
        expect(page.answer.locator(".swarm summary")).to_have_text(LINE)


def test_what_a_model_wrote_stays_text(browser: Browser) -> None:
    swarm = {"method": "single", "winner": 0, "ballots": [{"seat": "<b>otter</b>", "model": "m"}], "warnings": []}
    with choosing() as (url, _), opened(browser, url) as page:
        assert page.module("verdict", "module.inOneLine(value)", swarm) == "Answered by <b>otter</b> (m)"


def test_the_way_of_answering_is_sent_and_remembered(browser: Browser) -> None:
    with choosing() as (url, swarm), opened(browser, url) as page:
        page.ready()
        models = page.page.get_by_label("Model").first
        expect(models.locator("option")).to_have_text(["swarm", "scripted"])
        way = page.page.get_by_label("Way of answering")
        wishes = [("swarm", "auto"), ("scripted", "auto"), ("scripted", "fast"), ("swarm", "vote")]
        for asked, (model, strategy) in enumerate(wishes, 1):
            models.select_option(model)
            way.select_option(strategy)
            page.ask("What is it?")
            expect(page.page.locator("article.answer")).to_have_count(asked)
            page.ended()
        wanted = [(request.model, request.policy.strategy) for request in swarm.asked]
        assert wanted == [("swarm", None), ("scripted", "auto"), ("scripted", "fast"), ("swarm", "vote")]
        page.page.reload()
        expect(way).to_have_value("vote")
        assert swarm.asked[0].policy == Policy()
