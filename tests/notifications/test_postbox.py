"""The postbox against a real SMTP server: what is said of a letter is what became of it."""

import asyncio
from datetime import timedelta
from email.message import EmailMessage
from email.policy import SMTP
from itertools import pairwise

import pytest

from notifications.address import server_of
from notifications.patience import LONGEST, back_off, gives_up
from notifications.postbox import Outcome, Postbox, judge, stuffed
from tests.notifications.mailserver import Fault, contexts, guarded, mail_server

REPLIES = ("421", "450", "550")
BREAKS = ("close", "reset", "silence", "babble")
SAFE = ("starttls", "auth")
BEFORE = ("greeting", "ehlo", *SAFE)
ABOUT_THE_LETTER = ("mail", "rcpt", "data")
CASES = [(phase, kind) for phase in (*BEFORE, *ABOUT_THE_LETTER, "final", "quit") for kind in (*REPLIES, *BREAKS)]
counted: dict[str, int] = {}


def letter(text: str = "Beste Amira,\n.\n..en een punt\n") -> EmailMessage:
    message = EmailMessage(policy=SMTP)
    message["From"], message["To"], message["Subject"] = "post@example.org", "amira@example.org", "Proef"
    message["Message-ID"] = "<proef@example.org>"
    message.set_content(text, cte="quoted-printable")
    return message


def box_for(port: int, *, safe: bool, **options: float) -> Postbox:
    url = f"smtp://user:secret@localhost:{port}?tls=starttls" if safe else f"smtp://127.0.0.1:{port}?tls=none"
    return Postbox(url, timeout=0.4, patience=0.4, tls_context=contexts()[1] if safe else None, **options)


def expected(phase: str, kind: str) -> str:
    if phase == "quit":
        return "sent"
    if phase == "final" and kind in BREAKS:
        return "uncertain"
    return "refused" if kind == "550" and phase not in BEFORE else "owed"


@pytest.mark.anyio
@pytest.mark.parametrize("reused", [False, True], ids=["fresh", "reused"])
@pytest.mark.parametrize(("phase", "kind"), CASES)
async def test_every_fault_at_every_phase_is_told_as_it_is(phase: str, kind: str, reused: bool) -> None:
    # HELO follows a refused EHLO, and a second way of signing in a refused first: all must fail for the phase to fail.
    fault = Fault(phase, kind, times=0 if reused else 9 if phase in ("ehlo", "auth") else 1)
    async with (
        mail_server(fault, **guarded() if phase in SAFE else {}) as (port, sink),
        box_for(port, safe=phase in SAFE) as box,
    ):
        if reused:
            assert (await box.post(letter(), "first@example.org")).state == "sent"
            fault.times = 1
        outcome = await box.post(letter(), "amira@example.org")
    arrived = len(sink.taken) - reused
    hidden = reused and (phase in BEFORE or (phase in ABOUT_THE_LETTER and kind in ("421", *BREAKS)))
    assert outcome.state == ("sent" if hidden else expected(phase, kind))
    assert outcome.permanent == (outcome.state == "refused")
    assert arrived == (outcome.state == "sent"), "said and done differ"
    assert outcome.reply, "the reason is told"
    # aiosmtplib forgets a 421 to AUTH when it goes on to the next way of signing in.
    if kind in REPLIES and outcome.state in ("owed", "refused") and (phase, kind) != ("auth", "421"):
        assert outcome.reply.startswith(kind)
    counted[outcome.state] = counted.get(outcome.state, 0) + 1


@pytest.mark.anyio
@pytest.mark.parametrize(("phase", "kind"), [case for case in CASES if case[0] in (*ABOUT_THE_LETTER, "final")])
async def test_the_next_letter_of_the_batch_arrives_whole_and_once(phase: str, kind: str) -> None:
    async with mail_server(Fault(phase, kind)) as (port, sink), box_for(port, safe=False) as box:
        await box.post(letter("de eerste"), "first@example.org")
        outcome = await box.post(letter("de tweede"), "second@example.org")
        assert outcome == Outcome("sent", "250 2.0.0 taken")
        assert [b"tweede" in one for one in sink.taken] == [True]


@pytest.mark.anyio
async def test_a_batch_uses_one_connection_and_keeps_every_dot() -> None:
    async with mail_server() as (port, sink), box_for(port, safe=False) as box:
        outcomes = await asyncio.gather(*(box.post(letter(), f"a{n}@example.org") for n in range(20)))
    assert {one.state for one in outcomes} == {"sent"}
    assert sink.connections == 1
    assert len(sink.taken) == 20
    assert all(b"\r\n.\r\n..en een punt\r\n" in one for one in sink.taken)


@pytest.mark.anyio
async def test_tls_and_signing_in() -> None:
    async with mail_server(**guarded()) as (port, sink):
        async with box_for(port, safe=True) as box:
            assert (await box.post(letter(), "amira@example.org")).state == "sent"
        async with Postbox(f"smtp://user:wrong@localhost:{port}?tls=starttls", tls_context=contexts()[1]) as box:
            outcome = await box.post(letter(), "amira@example.org")
            assert outcome.state == "owed"
            assert outcome.reply.startswith("535")
        async with Postbox(f"smtp://user:secret@localhost:{port}?tls=starttls") as box:
            outcome = await box.post(letter(), "amira@example.org")
            assert outcome.state == "owed"
            assert "certificate" in outcome.reply
    assert len(sink.taken) == 1


@pytest.mark.anyio
async def test_without_a_server_letters_stay_owed_and_a_batch_does_not_wait_for_each() -> None:
    async with mail_server() as (port, _):
        pass
    async with box_for(port, safe=False) as box:
        first, second = [await box.post(letter(), "amira@example.org") for _ in range(2)]
    assert first.state == "owed"
    assert first is second
    async with mail_server(Fault("greeting", "silence", times=99)) as (port, sink), box_for(port, safe=False) as box:
        outcomes = [await box.post(letter(), "amira@example.org") for _ in range(5)]
    assert {one.state for one in outcomes} == {"owed"}
    assert sink.connections == 1


@pytest.mark.anyio
async def test_a_post_cut_short_leaves_a_box_that_works() -> None:
    async with mail_server(Fault("final", "silence")) as (port, sink), Postbox(f"smtp://127.0.0.1:{port}") as box:
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(box.post(letter(), "amira@example.org"), 0.3)
        assert (await box.post(letter(), "amira@example.org")).state == "sent"
    assert len(sink.taken) == 1


@pytest.mark.anyio
@pytest.mark.parametrize(
    "address", ["amïra@example.org", "", "a b@example.org", "a@example.org\r\nRCPT TO:<x@example.org>"]
)
async def test_an_address_that_cannot_be_sent_to_is_refused_before_anything_is_said(address: str) -> None:
    async with mail_server() as (port, sink), box_for(port, safe=False) as box:
        outcome = await box.post(letter(), address)
        assert (outcome.state, outcome.permanent) == ("refused", True)
        assert (await box.post(letter(), "amira@example.org")).state == "sent"
    assert len(sink.taken) == 1


def test_a_reply_about_ourselves_is_no_verdict_on_the_letter() -> None:
    assert judge(530, "must issue a STARTTLS command first").state == "owed"
    assert judge(250, "ok", handed_over=True).state == "sent"
    assert judge(-1, "babble", handed_over=True).state == "uncertain"
    assert judge(354, "go on", handed_over=True).state == "uncertain"
    assert judge(451, "later", handed_over=True).state == "owed"
    assert judge(554, "spam", handed_over=True).state == "refused"


def test_dots_are_doubled_and_the_end_is_marked() -> None:
    assert stuffed(b".a\r\nb\r\n..c") == b"..a\r\nb\r\n...c\r\n.\r\n"
    assert stuffed(b"a\n") == b"a\r\n.\r\n"


@pytest.mark.parametrize(
    ("url", "host", "port", "tls", "user", "secret"),
    [
        ("smtp://mail.example.org", "mail.example.org", 25, "none", None, None),
        ("smtp://mail.example.org?tls=starttls", "mail.example.org", 587, "starttls", None, None),
        ("smtp://mail.example.org?tls=tls", "mail.example.org", 465, "tls", None, None),
        ("smtp://mail.example.org:465", "mail.example.org", 465, "tls", None, None),
        ("smtp://u%40x:p%3A%2F@127.0.0.1:1025?tls=none", "127.0.0.1", 1025, "none", "u@x", "p:/"),
    ],
)
def test_the_address_of_the_server(
    url: str, host: str, port: int, tls: str, user: str | None, secret: str | None
) -> None:
    server = server_of(url)
    assert (server.host, server.port, server.tls, server.user, server.secret) == (host, port, tls, user, secret)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "mail.example.org",
        "http://u:hush@x",
        "smtp://",
        "smtp://u:hush@x:port",
        "smtp://u:hush@x?tls=maybe",
        "smtp://x?a=b",
    ],
)
def test_an_unusable_address_is_refused_without_telling_the_secret(url: str) -> None:
    with pytest.raises(ValueError, match="should look like") as fault:
        server_of(url)
    assert "hush" not in str(fault.value)


def test_waits_grow_to_four_hours_and_a_weekend_without_a_server_loses_nothing() -> None:
    waits = [back_off(n) for n in range(1, 30)]
    assert timedelta(seconds=64) <= waits[0] <= timedelta(seconds=80)
    assert all(later > earlier for earlier, later in pairwise(waits[:8]))
    assert max(waits) <= LONGEST
    assert not gives_up(30, timedelta(days=2, hours=20))
    assert not gives_up(3, timedelta(days=30))
    assert gives_up(12, timedelta(days=3))
