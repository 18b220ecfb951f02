"""A real browser against a real site; skipped with its reason where there is no Chromium."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tests.databases import unavailable
from tests.intake.browser.site import Site, running

FLAGS = ("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking")
Open = Callable[..., Page]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Every test of this folder needs a browser."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker("browser")


@pytest.fixture(scope="package")
def site(sqlite_city: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """One site for all browser tests, with the example questions alive."""
    with running(sqlite_city, tmp_path_factory.mktemp("site")) as site:
        yield site


@pytest.fixture(scope="package")  # while it is open no other event loop can run
def chromium() -> Iterator[Browser]:
    found = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if not found:
        unavailable("no Chromium; to run these tests too: apt-get install chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=list(FLAGS))
        yield browser
        browser.close()


@pytest.fixture
def open_as(site: Site, chromium: Browser) -> Iterator[Open]:
    """`open_as("bram.de.boer", "en")`: a window in which he is signed in; `open_as()`: nobody is."""
    opened: list[BrowserContext] = []

    def window(who: str = "", language: str = "nl", width: int = 1280, scripts: bool = True) -> Page:
        context = chromium.new_context(
            base_url=site.url, locale=language, viewport={"width": width, "height": 900}, java_script_enabled=scripts
        )
        opened.append(context)
        context.request.get(f"/?lang={language}")
        if who:
            assert context.request.post(f"/demo/people/{site.person(who)}").ok
        return context.new_page()

    yield window
    for context in opened:
        context.close()
