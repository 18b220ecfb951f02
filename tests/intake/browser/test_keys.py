"""The desk by single keys in a real browser: they work in the list, never while somebody types, and can be off."""

from playwright.sync_api import Page

from tests.intake.browser.conftest import Open

FOCUSED = "document.activeElement.closest('[data-row]')?.querySelector('[data-open]').textContent ?? ''"


def focused(page: Page) -> str:
    return str(page.evaluate(FOCUSED))


def test_through_the_rows_and_back(open_as: Open) -> None:
    page = open_as("bram.de.boer")
    page.goto("/desk?view=all")
    rows = page.locator("[data-row] [data-open]").all_inner_texts()
    assert len(rows) > 4
    for at in (0, 1, 2):
        page.keyboard.press("j")
        assert focused(page) == rows[at]
    page.keyboard.press("k")
    assert focused(page) == rows[1]
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert page.locator("h1").inner_text().endswith(rows[1])
    page.keyboard.press("g")
    with page.expect_navigation():
        page.keyboard.press("d")
    assert page.url.endswith("/desk")


def test_ticking_and_searching(open_as: Open) -> None:
    page = open_as("bram.de.boer")
    page.goto("/desk?view=all")
    tasks = page.locator(".sv-task").count()
    for _ in range(tasks + 1):
        page.keyboard.press("j")
    page.keyboard.press("x")
    assert page.locator("#t1").is_checked()
    page.keyboard.press("x")
    assert not page.locator("#t1").is_checked()
    page.keyboard.press("/")
    page.keyboard.type("jjkx?gd/")
    assert page.locator("input[type=search]").input_value() == "jjkx?gd/"
    assert page.locator("#shortcuts").is_hidden()
    assert page.url.endswith("/desk?view=all")


def test_the_list_of_keys(open_as: Open) -> None:
    page = open_as("bram.de.boer", "en")
    page.goto("/desk")
    page.keyboard.press("Control+j")
    assert focused(page) == ""
    page.keyboard.press("?")
    assert page.locator("#shortcuts").is_visible()
    page.keyboard.press("j")
    assert focused(page) == ""
    page.keyboard.press("Escape")
    assert page.locator("#shortcuts").is_hidden()
    page.goto("/shortcuts")
    page.get_by_role("button", name="Switch them off").click()
    page.goto("/desk")
    page.keyboard.press("j")
    assert focused(page) == ""
    page.goto("/shortcuts")
    page.get_by_role("button", name="Switch them on").click()


def test_without_scripts_a_step_on_several(open_as: Open) -> None:
    page = open_as("bram.de.boer", scripts=False, width=320)
    page.goto("/desk?view=open")
    page.get_by_role("link", name="Vink alles op deze pagina aan").click()
    page.get_by_role("button", name="Zet een stap op wat is aangevinkt").click()
    page.locator("label[for=step]").click()
    page.get_by_role("button", name="Volgende").click()
    assert page.get_by_role("button", name="Bekijk wat er gebeurt").is_visible()
