"""The pictures of the README, from a fresh example city: `python -m tests.screenshots [FOLDER]`."""

import asyncio
import shutil
import sqlite3
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright
from sqlmodel import select

from notifications.letters import render
from schemas.database import open_engine, reading
from schemas.ledger import Letter
from tests.databases import ROOT, sqlite_template, sqlite_url
from tests.intake.browser.conftest import FLAGS
from tests.intake.browser.site import Site, running
from tests.intake.browser.walking import fill, press
from tests.lives import forms

WIDE, PHONE = {"width": 1280, "height": 960}, {"width": 390, "height": 844}


def main(folder: Path) -> None:
    """Take all of them."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch:
        template, own = sqlite_template(Path(scratch) / "template.db"), Path(scratch) / "site"
        own.mkdir()
        with running(template, own, endings=False) as site:
            _posted(site)
            letter = asyncio.run(_letter(site))
            with sync_playwright() as playwright:
                chromium = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=list(FLAGS))
                for name, page in _views(site, chromium, letter):
                    page.screenshot(path=folder / f"{name}.png")
                    print(f"{name}.png: {(folder / f'{name}.png').stat().st_size // 1024} kB")  # noqa: T201
                chromium.close()


def _posted(site: Site) -> None:
    """No flows run here, so the letters are stamped as the mail room would have done."""
    with sqlite3.connect(site.database) as connection:
        connection.execute("UPDATE letter SET state = 'sent', sent_at = owed_at, attempts = 1")


def _views(site: Site, chromium: Browser, mailed: str) -> list[tuple[str, Page]]:
    form = _window(site, chromium)
    form.goto("/ask")
    press(form)
    fill(form, forms()["stalling"] | {"use": ""})
    press(form)
    form.evaluate("window.scrollTo(0, 0)")
    desk = _window(site, chromium, "bram.de.boer")
    desk.goto("/desk")
    question = _window(site, chromium, "bram.de.boer")
    question.goto(f"/questions/{site.ref('Hengelose Es')}")
    offer = _window(site, chromium, size=PHONE)
    offer.goto(site.mailed("offer", "ivo.peters"))
    letter = _window(site, chromium, size={"width": 760, "height": 960})
    letter.set_content(mailed)
    return [("form", form), ("desk", desk), ("question", question), ("offer", offer), ("letter", letter)]


def _window(site: Site, chromium: Browser, who: str = "", size: dict[str, int] = WIDE) -> Page:
    context = chromium.new_context(
        base_url=site.url, locale="nl", viewport={"width": size["width"], "height": size["height"]}
    )
    if who:
        context.request.post(f"/demo/people/{site.person(who)}")
    return context.new_page()


async def _letter(site: Site) -> str:
    """The offer to Saxion, as it is mailed."""
    engine = open_engine(sqlite_url(site.database))
    async with reading(engine) as session:
        query = select(Letter).where(Letter.name == "offer", Letter.recipient_id == site.person("ivo.peters"))
        letter = (await session.exec(query.order_by(Letter.id.desc()))).first()  # type: ignore[attr-defined]
    await engine.dispose()
    assert letter
    links = {"act": site.url + site.mailed("offer", "ivo.peters"), "status": f"{site.url}/s/", "question": site.url}
    return render(letter.name, letter.language, letter.facts, links).html


if __name__ == "__main__":
    import os

    os.environ.setdefault("STADSVRAAG_SECRET_KEY", "a key for pictures that guards nothing at all")
    os.environ["STADSVRAAG_ENVIRONMENT"] = "demo"
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "docs" / "screenshots")
