"""Asking in a real browser: with errors, by keyboard alone, without JavaScript, on a narrow screen."""

from collections.abc import Mapping

import pytest
from playwright.sync_api import Page

from tests.intake.browser.conftest import Open
from tests.intake.browser.walking import ask, fill, press
from tests.lives import forms

ANSWERS: Mapping[str, str] = forms()["stalling"] | {"title": "Waar staan de fietsen in de weg?"}
OTHER: Mapping[str, str] = forms()["hitte"]


def test_a_mistake_is_shown_at_its_field_and_takes_the_focus(open_as: Open) -> None:
    page = open_as()
    page.goto("/ask")
    press(page)
    press(page)
    assert page.title().startswith("Fout: ")
    assert page.evaluate("document.activeElement.id") == "error-summary"
    page.locator("#error-summary a").nth(1).click()
    assert page.evaluate("document.activeElement.id") == "situation"
    assert page.locator("#situation-error").is_visible()


def test_the_owner_is_asked_for_only_when_it_is_somebody_else(open_as: Open) -> None:
    page = open_as()
    page.goto("/ask")
    press(page)
    fill(page, OTHER)
    press(page)
    assert not page.locator("#owner_name").is_visible()
    page.locator("[name=owner_is_me][value=no] + div label").click()
    assert page.locator("#owner_name").is_visible()
    page.locator("[name=owner_is_me][value=yes] + div label").click()
    assert not page.locator("#owner_name").is_visible()


@pytest.mark.parametrize(
    ("language", "scripts", "width"), [("nl", True, 1280), ("en", False, 1280), ("nl", False, 320)]
)
def test_from_the_first_page_to_the_confirmation(open_as: Open, language: str, scripts: bool, width: int) -> None:
    page = open_as(language=language, scripts=scripts, width=width)
    assert ask(page, ANSWERS if width == 1280 else OTHER).startswith("ES-" if width == 1280 else "HE-")
    page.locator("a[href^='/s/']").first.click()
    assert page.locator("h1").is_visible()


def test_with_the_keyboard_alone(open_as: Open) -> None:
    page = open_as()
    page.goto("/ask")
    _enter(page)
    for _ in range(4):
        _fill_by_keyboard(page)
        _enter(page)
    assert page.url.endswith("/check")
    _enter(page)
    assert page.locator(".sv-panel__ref").is_visible()


def _enter(page: Page) -> None:
    """Tab to the main button, press Enter, and wait for the next page."""
    _tab_to(page, "main form button")
    with page.expect_navigation():
        page.keyboard.press("Enter")


def _focused(page: Page) -> dict[str, str]:
    found: dict[str, str] = page.evaluate(
        "(({name, type, tagName, value, id}) => ({name, type, tag: tagName, value, id}))(document.activeElement)"
    )
    return found


def _fill_by_keyboard(page: Page) -> None:
    """Tab through the fields as they come, typing and choosing."""
    count = page.locator("main form").locator("input:visible, select:visible, textarea:visible").count()
    for _ in range(count + 60):
        page.keyboard.press("Tab")
        at = _focused(page)
        answer = ANSWERS.get(at.get("name") or "")
        if at["tag"] == "BUTTON" and page.evaluate("document.activeElement.closest('main form') !== null"):
            page.keyboard.press("Shift+Tab")
            return
        if at.get("type") == "radio" and answer:
            while _focused(page)["value"] != answer:
                page.keyboard.press("ArrowDown")
            page.keyboard.press("Space")
        elif at["tag"] == "SELECT" and answer:
            page.locator(f"#{at['id']}").select_option(answer)
        elif at["tag"] in ("INPUT", "TEXTAREA") and answer:
            page.keyboard.press("ControlOrMeta+A")
            page.keyboard.insert_text(answer)


def _tab_to(page: Page, selector: str) -> None:
    for _ in range(80):
        page.keyboard.press("Tab")
        if page.evaluate(f"document.activeElement.matches({selector!r})"):
            return
    raise AssertionError(f"{selector} cannot be reached with the Tab key")
