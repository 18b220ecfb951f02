"""While somebody types: places appear beside the form, are announced, and never take the focus or what was typed."""

from playwright.sync_api import Page

from tests.intake.browser.conftest import Open
from tests.intake.browser.walking import press
from tests.matching.texts import BIKES


def start(open_as: Open, *, scripts: bool = True, width: int = 1280) -> Page:
    page = open_as(language="nl", scripts=scripts, width=width)
    page.goto("/ask")
    press(page)
    return page


def test_places_with_dates_appear_while_typing(open_as: Open) -> None:
    page = start(open_as)
    failed: list[str] = []
    page.on("pageerror", lambda error: failed.append(str(error)))
    page.locator("#title").press_sequentially(BIKES.title)
    page.locator(".sv-places li").first.wait_for()
    assert "Inleveren uiterlijk" in page.locator("#hints").inner_text()
    assert "nog te bereiken" in page.locator("#hints-said").inner_text()
    assert page.evaluate("document.activeElement.id") == "title"
    assert page.locator("#title").input_value() == BIKES.title
    assert failed == []


def test_without_scripts_they_stand_on_the_next_page(open_as: Open) -> None:
    page = start(open_as, scripts=False, width=320)
    for name, text in (
        ("title", BIKES.title),
        ("situation", BIKES.situation),
        ("wanted", BIKES.wanted),
        ("use", "Beleid"),
    ):
        page.locator(f"#{name}").fill(text)
    assert page.locator(".sv-places li").count() == 0
    press(page)
    assert page.locator(".sv-places li").count() > 0
