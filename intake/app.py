"""Builds the application: rooms of the house, what guards the door, and what is said when something is wrong."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from asgi_cross_origin_protection import CrossOriginProtection
from fastapi import FastAPI
from fastapi.staticfiles import StaticFiles

from intake import (
    about,
    account,
    ask,
    asked,
    attempt,
    ballot,
    board,
    carried,
    changes,
    choices_of_mail,
    demo,
    demo_mailbox,
    desk,
    discard,
    files,
    health,
    incidents,
    institution,
    letter,
    letter_actions,
    link,
    live,
    mail,
    mail_figures,
    meeting_papers,
    meetings,
    metrics,
    note_changes,
    notes,
    one_file,
    people,
    question,
    received_pages,
    results,
    screen,
    signin,
    switching_off,
    texts,
    trouble,
    why,
)  # fmt: skip
from intake.api import problems
from intake.api import router as api
from intake.body_limit import BodyLimit
from intake.headers import HeadLikeGet, SecurityHeaders
from intake.language import live_in
from intake.memory import Memory, remember
from intake.tally import Tally
from intake.tracing import Tracing
from matching import letters as _letters  # noqa: F401 - registers what letters say about terms
from schemas.case import cooperation_of
from schemas.database import open_engine, reading
from schemas.settings import settings

STATIC = Path(__file__).parent / "static"


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    """One engine for the life of the process."""
    app.state.engine = open_engine(settings().database_url)
    try:
        async with reading(app.state.engine) as session:
            app.state.cooperation = await cooperation_of(session)
        live_in(app.state.cooperation.timezone)
    except Exception:
        app.state.cooperation = None
    leaving = asyncio.Event()
    reading_back = asyncio.create_task(remember(app.state.engine, app.state.memory, leaving))
    yield
    # Not cancelled: a connection that is broken off in the middle of a question may never close.
    leaving.set()
    await reading_back
    await app.state.engine.dispose()


def create_app() -> FastAPI:
    """The web application, ready for uvicorn's factory option."""
    app = FastAPI(
        title="Stadsvraag", version="1", lifespan=lifespan, openapi_url=None, docs_url=None, redoc_url=None,
        redirect_slashes=False, telemetry={"logs": False},
    )  # fmt: skip
    app.state.cooperation = None
    app.state.memory = Memory()
    app.state.tally, app.state.figures, app.state.mail_figures = Tally(), metrics.kept(), mail_figures.kept()
    rooms = (
        account, people, about, discard, live, ask, asked, desk, board, question, attempt,
        letter, letter_actions, mail, received_pages, link, signin, results, health, why, changes, incidents, files,
        one_file, notes, note_changes, carried, metrics, institution, meetings, meeting_papers, screen, ballot, texts,
        choices_of_mail, switching_off,
    )  # fmt: skip
    app.include_router(api, prefix="/api/v1")  # first: told by its prefix, where a page is one of many
    for room in (*rooms, demo, demo_mailbox) if settings().demo else rooms:
        app.include_router(room.router, include_in_schema=False)
    app.mount("/static", StaticFiles(directory=STATIC), name="static")
    trouble.install(app)
    problems.install(app)  # after ours: it answers for the API alone
    app.add_middleware(BodyLimit)
    app.add_middleware(CrossOriginProtection)
    app.add_middleware(SecurityHeaders)
    app.add_middleware(HeadLikeGet)
    app.add_middleware(Tracing)
    return app
