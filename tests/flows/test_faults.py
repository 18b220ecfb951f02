"""Every fault of a mail server at every phase, through the whole of sending: what the letter says is what is true."""

from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import true
from sqlmodel import col, select, update

from flows.post import send
from flows.work import Hands, Work
from schemas.database import reading, writing
from schemas.ledger import Letter
from schemas.letter_events import LetterEvent
from schemas.letters import new_message_id
from schemas.moment import now
from schemas.settings import settings
from tests.flows.conftest import House
from tests.flows.making import letters, submitted
from tests.flows.place import free_port
from tests.notifications.mailserver import Fault, Sink, guarded, mail_server, papers

KINDS = {"refuse": "close", "421": "421", "450": "450", "550": "550", "time-out": "silence", "reset": "reset"}
BEFORE = ("connect", "ehlo", "starttls", "auth")
PHASES = (*BEFORE, "mail", "rcpt", "data", "final", "kept", "quit")  # kept: it took the text, then never said so
BROKEN = ("refuse", "time-out", "reset")
RELIABLE = ("sent", "refused")


def expected(phase: str, kind: str) -> str:
    """What a letter is after the fault, by the rules of the postbox."""
    if phase == "quit":
        return "sent"
    if phase in ("final", "kept") and kind in BROKEN:
        return "uncertain"
    return "refused" if kind == "550" and phase not in BEFORE else "owed"


@pytest.fixture
def at(house: House, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[[int, bool], None]:
    """Points the flows at a port; safe: with STARTTLS and signing in, trusting the server's certificate."""
    (tmp_path / "ca.pem").write_bytes(papers()[1])

    def point(port: int, safe: bool) -> None:
        url = f"smtp://user:secret@localhost:{port}?tls=starttls" if safe else f"smtp://127.0.0.1:{port}?tls=none"
        for name, value in {"SMTP_URL": url, "MAIL_TIMEOUT": "0.3", "MAIL_PATIENCE": "0.3"}.items():
            monkeypatch.setenv(f"STADSVRAAG_{name}", value)
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
        settings.cache_clear()

    return point


async def one_letter(house: House, like: Letter) -> int:
    """A letter of its own, owed now."""
    copy = like.model_dump(exclude={"id", "entry_id"}) | {"message_id": new_message_id(), "due_at": now()}
    async with writing(house.engine) as session:
        letter = Letter(**copy)
        session.add(letter)
        await session.flush()
        return letter.id


async def deliver(house: House, letter_id: int) -> tuple[Letter, list[LetterEvent]]:
    """One run that sends what is due of this letter; the letter and its history then."""
    await send(Work("deliver", Hands(house.engine)), col(Letter.id) == letter_id)
    async with reading(house.engine) as session:
        lines = select(LetterEvent).where(LetterEvent.letter_id == letter_id).order_by(col(LetterEvent.id))
        return await session.get_one(Letter, letter_id), list(await session.exec(lines))


async def time_passes(house: House) -> None:
    """The wait before the next try is over, also that of an uncertain letter."""
    async with writing(house.engine) as session:
        await session.exec(update(Letter).where(true()).values(due_at=now() - timedelta(seconds=1)))


@asynccontextmanager
async def faulty(phase: str, kind: str) -> AsyncIterator[tuple[int, Sink, AsyncExitStack]]:
    """A server with this fault; for a refused connection none listens there until it is entered in the stack."""
    # HELO follows a refused EHLO, and a new connection one that broke before the text: all must fail.
    times = 1 if phase in ("final", "kept", "quit") else 9
    fault = Fault("greeting" if phase == "connect" else phase, KINDS[kind], times)
    async with AsyncExitStack() as later:
        if (phase, kind) == ("connect", "refuse"):
            port = free_port()
            yield port, Sink(), later
            return
        server = mail_server(fault, **guarded() if phase in ("starttls", "auth") else {})
        port, sink = await later.enter_async_context(server)
        yield port, sink, later


@pytest.mark.parametrize("phase", PHASES)
async def test_nothing_is_lost_and_nothing_silently_doubled(
    phase: str, house: House, at: Callable[[int, bool], None], figure: Callable[[str], None]
) -> None:
    await submitted(house.engine, 1)
    like, counts = (await letters(house.engine))[0], Counter[str]()
    async with writing(house.engine) as session:
        await session.exec(update(Letter).values(state="withheld"))
    for kind in KINDS if phase != "kept" else BROKEN:
        letter_id = await one_letter(house, like)
        async with faulty(phase, kind) as (port, sink, later):
            at(port, phase in ("starttls", "auth"))
            letter, lines = await deliver(house, letter_id)
            assert letter.state == expected(phase, kind), (kind, letter.reply)
            assert [(one.what, one.state, one.reply) for one in lines] == [("tried", letter.state, letter.reply)]
            assert letter.reply, "the reason is told"
            assert (letter.state == "owed") == (letter.due_at > now() and not letter.may_retry)
            assert letter.may_retry == (letter.state == "uncertain")
            counts[letter.state] += 1
            if (phase, kind) == ("connect", "refuse"):
                port, sink = await later.enter_async_context(mail_server())
                at(port, False)
            sink.fault.times = 0
            for _ in range(3):
                await time_passes(house)
                letter, lines = await deliver(house, letter_id)
        arrived = len(sink.taken)
        assert letter.state in RELIABLE, kind
        assert arrived == (letter.state == "sent") + (phase == "kept" and kind in BROKEN), kind
        assert all(letter.message_id.encode() in one for one in sink.taken), "a copy is the same letter to its reader"
        assert ("retried" in [one.what for one in lines]) == (expected(phase, kind) == "uncertain"), "shown if doubled"
    told = ", ".join(f"{count} {state}" for state, count in sorted(counts.items()))
    figure(f"{house.engine.dialect.name}: fault at {phase}: {sum(counts.values())} kinds: {told}; each then settled")


@pytest.mark.parametrize(("minutes", "tries"), [("30", 2), ("0", 1)], ids=["retried once", "left to a person"])
async def test_an_uncertain_letter_that_stays_so_is_tried_once_more_at_most(
    minutes: str, tries: int, house: House, at: Callable[[int, bool], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    await submitted(house.engine, 1)
    monkeypatch.setenv("STADSVRAAG_UNCERTAIN_RETRY_MINUTES", minutes)
    letter_id = await one_letter(house, (await letters(house.engine))[0])
    async with mail_server(Fault("kept", "reset", times=99)) as (port, sink):
        at(port, False)
        for _ in range(5):
            letter, lines = await deliver(house, letter_id)
            await time_passes(house)
    assert letter.state == "uncertain"
    assert not letter.may_retry
    assert len(sink.taken) == tries == [one.what for one in lines].count("tried")
    assert bool(letter.retried_at) == (tries == 2)
