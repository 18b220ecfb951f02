"""What people do on the pages: fill in what is asked, press what is there."""

from collections.abc import Mapping

from playwright.sync_api import Locator, Page


def fill(page: Page, answers: Mapping[str, str]) -> None:
    """Fill in every field of this page that there is an answer for; a date goes into its three boxes."""
    for name, value in answers.items():
        if page.locator(f"[name='{name}-year']").count():
            for part, text in zip(("year", "month", "day"), value.split("-"), strict=True):
                page.locator(f"[name='{name}-{part}']").fill(text)
        elif (field := page.locator(f"main [name='{name}']")).count():
            _answer(page, field.first, name, value)


def _answer(page: Page, field: Locator, name: str, value: str) -> None:
    kind = field.evaluate("field => field.type")
    if kind in ("radio", "checkbox"):
        page.locator(f"[name='{name}'][value='{value}'] + div label").click()
    elif kind == "select-one":
        field.select_option(value)
    elif field.is_visible():
        field.fill(value)


def press(page: Page) -> None:
    """The main button of the form."""
    page.locator("main form .utrecht-button--primary-action, main form .utrecht-button--danger").first.click()


def take(page: Page, step: str, answers: Mapping[str, str] | None = None) -> None:
    """Follow the link of a step on this page, fill in what it asks, and take it."""
    page.locator(f"main a[href$='/steps/{step}'], main a[href*='/steps/{step}?']").first.click()
    fill(page, answers or {})
    press(page)
    assert f"done={step}" in page.url, (page.url, page.locator("main").inner_text()[:400])


def ask(page: Page, answers: Mapping[str, str]) -> str:
    """From the first page to the confirmation; the reference."""
    page.goto("/ask")
    press(page)
    for _ in range(4):
        fill(page, answers)
        press(page)
    assert page.url.endswith("/check"), page.locator("main").inner_text()[:600]
    press(page)
    return page.locator(".sv-panel__ref").inner_text()
