"""One short journey for each ending, on the page where it is decided, by whoever decides it."""

from collections.abc import Mapping

import pytest

from tests.cast import day
from tests.intake.browser.almost import titled
from tests.intake.browser.conftest import Open
from tests.intake.browser.site import Site
from tests.intake.browser.walking import press, take

BRAM, AMIRA, FEMKE, DAAN = "bram.de.boer", "amira.bakker", "femke.smit", "daan.verhoeven"
WHY = {"reason": "De plannen zijn veranderd.", "alternative": "Vraag het team Mobiliteit.", "note": "Andere straat."}
THANKS = {"intended_use": "Het raadsvoorstel leunt erop.", "useful": "5", "contact_good": "5", "again": "yes"}
Move = tuple[str, str, Mapping[str, str]]
# Who takes which step, one after the other; `.1` behind the step: on the trajectory. Then what the page says.
JOURNEYS: Mapping[str, tuple[tuple[Move, ...], str]] = {
    "rejected": (((BRAM, "reject", WHY),), "afgewezen"),
    "redirected": (((BRAM, "redirect", WHY | {"target": "kennispunt-twente"}), (DAAN, "pick_up", {})), "doorverwezen"),
    "handed_back": (((BRAM, "redirect", WHY | {"target": "kennispunt-twente"}), (DAAN, "hand_back", WHY)), "bekeken"),
    "merged": (((BRAM, "merge", WHY),), "samengevoegd"),
    "withdrawn": (((AMIRA, "withdraw", WHY),), "ingetrokken"),
    "unmatched": (((BRAM, "unmatch", WHY),), "geen opleiding gevonden"),
    "closed": (((AMIRA, "report_impact", {"used": "yes", "how": "De raad koos."}), (BRAM, "close", {})), "afgesloten"),
    "reopened": (((BRAM, "reopen", WHY),), "bij de Regiegroep"),
    "held": (((BRAM, "hold", WHY | {"until": day(90)}), (AMIRA, "postpone", {"until": day(60)}), (BRAM, "wake", {})),
             "bekeken"),
    "declined": (((FEMKE, "decline.1", WHY),), "niet opgepakt"),
    "not_usable": (((AMIRA, "refuse_result.1", WHY),), "niet bruikbaar"),
    "completed": (((AMIRA, "accept_result.1", THANKS),), "afgerond"),
}  # fmt: skip


@pytest.mark.parametrize("name", JOURNEYS)
def test_a_person_brings_it_to_its_end(site: Site, open_as: Open, name: str) -> None:
    moves, said = JOURNEYS[name]
    ref = site.ref(titled(name))
    for who, move, answers in moves:
        step, on, _ = move.partition(".1")
        page = open_as(who)
        page.goto(f"/trajectories/{ref}.1" if on else f"/questions/{ref}")
        take(page, step, answers | ({"other_question": site.ref(titled("target"))} if step == "merge" else {}))
    assert (
        said in page.locator("main .sv-badge").first.inner_text().lower() or said in page.locator("main").inner_text()
    )
    now = page.locator(".sv-now")
    assert now.locator(".sv-now__sentence").inner_text().strip(". ")
    assert now.locator("dd").count(), "what comes next is said in every state"


@pytest.mark.parametrize(("name", "said"), [("lapsed", "vervallen"), ("presumed", "afgerond")])
def test_what_the_clock_has_ended_is_told(site: Site, open_as: Open, name: str, said: str) -> None:
    page = open_as(AMIRA)
    page.goto(f"/trajectories/{site.ref(titled(name))}.1")
    assert said in page.locator("main").inner_text()


def test_a_cancelled_course_offers_three_ways_on_from_the_mail(site: Site, open_as: Open) -> None:
    ref = site.ref(titled("cancelled"))
    broker = open_as(FEMKE)
    broker.goto(f"/trajectories/{ref}.1")
    take(broker, "cancel", {"cause": "no_students", "reason": "Te weinig inschrijvingen."})
    owner = open_as()
    owner.goto(site.mailed("cancelled", AMIRA) + "/ways/other_institution")
    assert owner.locator("[name=way][value=other_institution]").is_checked()
    press(owner)
    assert "done=choose_way" in owner.url
    desk = open_as(BRAM)
    desk.goto(site.mailed("cancelled", BRAM) + "/ways/next_term")
    assert desk.url.endswith(f"/questions/{ref}/steps/offer?institution=ut&offering=ut-create-graduation-project")
    assert desk.locator("[name=institution]:checked, select[name=institution]").first.input_value() == "ut"


def test_whose_question_was_merged_follows_the_other(site: Site, open_as: Open) -> None:
    page = open_as(AMIRA)
    page.goto(f"/questions/{site.ref(titled('merged'))}")
    page.get_by_role("link", name=titled("target")).click()
    assert page.locator("h1").inner_text().endswith(titled("target"))
    assert not page.locator("main a[href*='/steps/']").count(), "to follow is not to act"


def test_a_draft_is_thrown_away(open_as: Open) -> None:
    page = open_as()
    page.goto("/ask")
    press(page)
    draft = page.url.rsplit("/", 1)[0]
    page.goto(f"{draft}/discard")
    page.locator("main form button").click()
    assert "done=discarded" in page.url
    answer = page.goto(f"{draft}/1")
    assert answer
    assert answer.status == 404
