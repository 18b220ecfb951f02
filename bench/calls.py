"""What people and the clock ask of a database full of questions, by the name it has in the table."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import cycle

import httpx2

from bench.web import Known
from flows.waiting import look, onlooker
from schemas.database import open_engine, reading
from schemas.due import due_ids
from schemas.moment import now
from schemas.subjects import Question, Trajectory

Call = Callable[[], object]
FORM = {"title": "Waar stallen bezoekers hun fiets?", "situation": "Er staan fietsen in de looproutes.",
        "wanted": "Een kaart.", "use": "De raad beslist."}  # fmt: skip
LONGER = {"working_days": "1", "reason": "De eigenaar is op reis.", "send": "yes"}
# Whose browser, and the address.
PAGES = {
    "front page": ("", "/"),
    "desk, with what waits today": ("bram", "/desk"),
    "desk, overdue": ("bram", "/desk?view=late"),
    "desk, at risk": ("bram", "/desk?view=risk"),
    "desk, by title, deep": ("bram", "/desk?view=all&sort=title&after=50~Vraag+9&nr=99999"),
    "desk of an institution": ("femke", "/desk"),
    "desk of an owner": ("amira", "/desk"),
    "search, a common word": ("bram", "/desk?text=fietsen"),
    "search, a rare word": ("bram", "/desk?text=zeldzaam"),
    "search, a reference": ("bram", "/desk?text={ref}"),
    "search by an owner": ("amira", "/desk?text=fietsen&view=all"),
    "question page": ("bram", "/questions/{ref}"),
    "page of a step": ("bram", "/questions/{ref}/steps/reject"),
    "status page, without signing in": ("", "/s/{status}"),
    "board": ("bram", "/board"),
    "mail": ("bram", "/mail"),
    "mail, in figures (API)": ("bram", "/api/v1/mail/health"),
    "results": ("", "/results"),
    "meetings": ("bram", "/meetings"),
    "list (API)": ("bram", "/api/v1/questions?state=matching"),
    "figures for Prometheus": ("", "/metrics"),
}


@contextmanager
def calls(base: str, url: str, known: Known) -> Iterator[dict[str, Call]]:
    """The calls, each ready to be made as often as wanted."""
    browsers = {name: httpx2.Client(base_url=base, timeout=300) for name in ("", *known.people)}
    for name, person in known.people.items():
        browsers[name].post(f"/demo/people/{person}")
    with asyncio.Runner() as runner:
        poll, close = _poll(runner, url)
        yield {name: _get(browsers[who], name, path.format(ref=known.refs[0], status=known.status))
               for name, (who, path) in PAGES.items()} | {
            "form POST": _form(browsers[""], known), "step POST": _step(browsers["bram"], known), "deadline poll": poll,
        }  # fmt: skip
        close()
    for one in browsers.values():
        one.close()


def _checked(name: str, answer: httpx2.Response, status: int) -> None:
    if answer.status_code != status:
        raise RuntimeError(f"{name}: {answer.status_code}")


def _get(web: httpx2.Client, name: str, path: str) -> Call:
    return lambda: _checked(name, web.get(path), 200)


def _form(web: httpx2.Client, known: Known) -> Call:
    return lambda: _checked("form POST", web.post(f"/ask/{known.draft}/1", data=FORM), 303)


def _step(web: httpx2.Client, known: Known) -> Call:
    turn = cycle(known.refs)  # a step that can be taken again where it has been taken
    return lambda: _checked("step POST", web.post(f"/questions/{next(turn)}/steps/extend", data=LONGER), 303)


def _poll(runner: asyncio.Runner, url: str) -> tuple[Call, Callable[[], None]]:
    """What the runner asks several times a second, and what follows when a term has run out."""
    engine = open_engine(url)
    reader = onlooker(engine)

    async def poll() -> None:
        await look(reader)
        async with reading(engine) as session:
            for table in (Question, Trajectory):
                await due_ids(session, table, now(), 100)

    return lambda: runner.run(poll()), lambda: runner.run(engine.dispose())
