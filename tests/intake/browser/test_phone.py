"""An offer answered on a phone: from the mail to done in three pages, without an account."""

import pytest

from tests.intake.browser.almost import titled
from tests.intake.browser.conftest import Open
from tests.intake.browser.site import Site

PAGES = 3


@pytest.mark.parametrize("scripts", [True, False])
def test_an_offer_is_answered_in_three_pages(site: Site, open_as: Open, scripts: bool) -> None:
    query = """SELECT letter.id, letter.trajectory_id FROM letter JOIN question ON question.id = letter.question_id
               WHERE letter.name = 'offer' AND question.title = ?"""
    letter_id, trajectory_id = site.ask(query, titled("phone" if scripts else "old_phone"))[0]
    phone, seen = open_as(width=320, scripts=scripts), list[str]()
    phone.on("domcontentloaded", lambda page: seen.append(page.url))
    phone.goto(site.link_in(int(str(letter_id))))
    phone.get_by_role("link", name="Ja, wij pakken dit op").first.click()
    phone.get_by_role("button", name="Ja, wij pakken dit op").click()
    phone.get_by_text("Je antwoord is vastgelegd").wait_for()
    assert len(seen) <= PAGES, seen
    assert site.ask("SELECT state FROM trajectory WHERE id = ?", trajectory_id) == [("placing",)]
