"""Every page in both languages: axe finds nothing against WCAG 2.2 AA, nothing scrolls sideways, nothing is blocked."""

from functools import partial

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import ConsoleMessage, Page

from tests.intake.browser.addresses import pages
from tests.intake.browser.conftest import Open
from tests.intake.browser.site import Site

WCAG = {
    "runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]},
    "resultTypes": ["violations"],
    "preload": False,
}
WIDTHS = (320, 1280)
OVERFLOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


@pytest.mark.parametrize("language", ["nl", "en"])
def test_every_page(site: Site, open_as: Open, language: str, capsys: pytest.CaptureFixture[str]) -> None:
    open_as().request.post("/ask")
    axe, wrong, checked = Axe(), [], 0
    for who, addresses in pages(site).items():
        page = open_as(who, language)
        blocked: list[str] = []
        page.on("console", partial(_note, blocked))
        for address in addresses:
            wrong += [f"{who or 'visitor'} {address}: {one}" for one in _look(page, axe, address, language)]
            checked += 1
        wrong += [one for one in blocked if "Content Security" in one or "Refused" in one]
    with capsys.disabled():
        print(f"\n{checked} pages checked in {language}, at {WIDTHS[0]} and {WIDTHS[1]} pixels")  # noqa: T201
    assert wrong == []


def _note(said: list[str], message: ConsoleMessage) -> None:
    said.append(message.text)


def _look(page: Page, axe: Axe, address: str, language: str) -> list[str]:
    """What is wrong with one page."""
    answer = page.goto(address)
    found = [] if answer and answer.status < 500 else ["broken"]
    spoken = page.locator("html").get_attribute("lang")
    found += [] if spoken == language else [f"in {spoken}"]
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        found += [f"scrolls sideways at {width}"] if page.evaluate(OVERFLOW) > 0 else []
    violations = axe.run(page, options=WCAG).response["violations"]
    return found + [f"{one['id']}: {one['nodes'][0]['html'][:120]}" for one in violations]
