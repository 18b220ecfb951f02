"""A real Postfix: delivered, put off, refused and too large are told as they are."""

from collections.abc import Iterator

import pytest

from notifications.postbox import Postbox
from tests.databases import unavailable
from tests.flows.place import free_port
from tests.notifications.mailserver import contexts
from tests.notifications.relay import Relay, lacking, relay
from tests.notifications.test_postbox import letter

pytestmark = [pytest.mark.postfix, pytest.mark.anyio]


@pytest.fixture(scope="module")
def postfix() -> Iterator[Relay]:
    if reason := lacking():
        unavailable(reason)
    with relay(free_port()) as started:
        yield started


@pytest.mark.parametrize("tls", ["none", "starttls"])
async def test_delivered_put_off_refused_and_too_large(postfix: Relay, tls: str) -> None:
    url = f"smtp://localhost:{postfix.port}?tls={tls}"
    async with Postbox(url, timeout=20, tls_context=contexts()[1]) as box:
        delivered = await box.post(letter(), "amira@example.org")
        grey = await box.post(letter(), "grey@example.org")
        unknown = await box.post(letter(), "niemand@example.org")
        large = await box.post(letter("Een lange regel.\n" * 5000), "amira@example.org")
        again = await box.post(letter(), "amira@example.org")
    assert (delivered.state, delivered.reply[:4]) == ("sent", "250 ")
    assert (grey.state, grey.reply[:9], grey.permanent) == ("owed", "450 4.2.0", False)
    assert (unknown.state, unknown.reply[:9], unknown.permanent) == ("refused", "550 5.1.1", True)
    assert (large.state, large.reply[:9], large.permanent) == ("refused", "552 5.3.4", True)
    assert again.state == "sent", "the connection survives what was refused"
    kept = postfix.delivered("amira")
    assert kept
    assert all(b"Message-ID: <proef@example.org>" in one and b"\n.\n..en een punt" in one for one in kept)
    assert any(b"with ESMTPS" in one for one in kept) or tls == "none"
    assert postfix.delivered("grey", seconds=0.1) == []
