"""A running installation for real browsers: uvicorn in a process of its own, on SQLite, with the example city alive."""

import asyncio
import os
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path
from urllib.request import urlopen

from schemas.database import open_engine, writing
from schemas.links import letter_token, sign_in_token
from tests.cast import Cast
from tests.databases import ROOT, TWENTE, sqlite_copy
from tests.intake.browser.almost import almost_ended
from tests.lives import bring_to_life
from tests.story import Story


@dataclass(frozen=True)
class Site:
    """Where it answers, and what its database knows."""

    url: str
    database: Path
    folder: Path

    def ask(self, query: str, *values: object) -> list[tuple[object, ...]]:
        """Rows of the site's database."""
        with sqlite3.connect(self.database) as connection:
            return list(connection.execute(query, values))

    def person(self, first: str) -> int:
        """The id of an example person by the first part of their address: `bram.de.boer`."""
        return int(str(self.ask("SELECT id FROM person WHERE email = ?", f"{first}@example.org")[0][0]))

    def mailed(self, letter: str, to: str) -> str:
        """The address in the latest letter of this name to somebody."""
        query = "SELECT max(id) FROM letter WHERE name = ? AND recipient_id = ?"
        return self.link_in(int(str(self.ask(query, letter, self.person(to))[0][0])))

    def link_in(self, letter_id: int) -> str:
        """The address behind the button of this letter."""
        return f"/l/{letter_token(letter_id)}"

    def sign_in_link(self) -> str:
        """The address in the latest sign-in letter."""
        last = self.ask("SELECT max(id) FROM signinlink")[0][0]
        return f"/sign-in/{sign_in_token(int(str(last)))}"

    def ref(self, title: str) -> str:
        """The reference of the latest question with this in its title."""
        return str(self.ask("SELECT ref FROM question WHERE title LIKE ? ORDER BY id DESC", f"%{title}%")[0][0])


@contextmanager
def running(template: Path, folder: Path, *, endings: bool = True) -> Iterator[Site]:
    """The site, stopped when the block ends. `endings`: with a question right before each of its ends."""
    database = folder / "city.db"
    asyncio.run(_alive(sqlite_copy(template, database), endings))
    _letter(folder / "mailbox" / "new")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    settings = {"DATABASE_URL": f"sqlite:///{database}", "DATA_DIR": str(folder), "BASE_URL": url, "CITY": str(TWENTE)}
    command = [
        sys.executable,
        "-m",
        "uvicorn",
        "intake.app:create_app",
        "--factory",
        "--port",
        str(port),
        "--log-level",
        "error",
    ]
    process = subprocess.Popen(
        command, cwd=ROOT, env=os.environ | {f"STADSVRAAG_{name}": value for name, value in settings.items()}
    )
    try:
        _wait(url, process)
        yield Site(url, database, folder)
    finally:
        process.terminate()
        process.wait(10)


async def _alive(url: str, endings: bool) -> None:
    engine = open_engine(url)
    async with writing(engine) as session:
        await bring_to_life(session)
        if endings:
            await almost_ended(session, Story(await Cast.of(engine)))
    await engine.dispose()


def _letter(folder: Path) -> None:
    """One letter in the mailbox, as an SMTP server would have put it there."""
    folder.mkdir(parents=True)
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "stad@example.org", "amira.bakker@example.org", "Je vraag is binnen"
    mail["Date"] = "Tue, 24 Nov 2026 09:00:00 +0100"
    mail.set_content("Beste Amira,\n\nWe hebben je vraag ontvangen.")
    mail.add_alternative('<html lang="nl"><body><p>We hebben je vraag ontvangen.</p></body></html>', subtype="html")
    (folder / "1.example").write_bytes(bytes(mail))


def _wait(url: str, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise RuntimeError(f"the site stopped with {process.returncode}")
        try:
            urlopen(f"{url}/health/live", timeout=2)  # noqa: S310 - our own address
        except OSError:
            time.sleep(0.2)
        else:
            return
    raise TimeoutError("the site did not answer within a minute")
