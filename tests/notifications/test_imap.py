"""A real Dovecot: what lies there is read in parts, in order, and put apart; a wrong secret is told without it."""

from collections.abc import Iterator
from urllib.parse import quote

import pytest

from notifications.imap import Imap, Where
from notifications.inboxes import inbox_of
from notifications.sorting import LARGEST
from tests.databases import unavailable
from tests.flows.place import free_port
from tests.notifications.arrived import arrived
from tests.notifications.imapserver import SECRET, USER, ImapServer, imap_server, lacking
from tests.notifications.mailserver import contexts
from tests.notifications.test_sorting import large


@pytest.fixture
def dovecot() -> Iterator[ImapServer]:
    if reason := lacking():
        unavailable(reason)
    with imap_server(free_port(), free_port()) as started:
        yield started


def box(server: ImapServer, mode: str, secret: str = SECRET) -> Imap:
    port = server.tls if mode == "tls" else server.plain
    return Imap(Where("localhost", port, mode, USER, secret), "INBOX", "Stadsvraag", contexts()[1])


@pytest.mark.parametrize("mode", ["tls", "starttls", "none"])
def test_read_in_order_and_put_apart(dovecot: ImapServer, mode: str) -> None:
    inbox = box(dovecot, mode)
    assert not inbox.waiting()
    dovecot.put(arrived("gmail-reply-nl"))
    dovecot.put(arrived("postfix-bounce"), b"\\Seen")
    dovecot.put(large())
    assert inbox.waiting()
    first, second = inbox.take(2, [])
    assert (first.raw, second.raw) == (arrived("gmail-reply-nl"), arrived("postfix-bounce"))
    (third,) = inbox.take(2, [first.key, second.key])
    assert (len(third.raw), third.size > 20_000_000) == (LARGEST, True)
    assert len(inbox.take(9, [])) == 3, "what was taken stays until it is done"
    inbox.done([first.key, third.key])
    inbox.done([first.key, "0.17"])  # another was first, or the folder was made anew
    assert [one.key for one in inbox.take(9, [])] == [second.key]
    found = dovecot.folders()
    assert (len(found["INBOX"]), len(found["Stadsvraag"])) == (1, 2)
    assert all(b"\\Seen" in one for one in found["Stadsvraag"])


def test_a_wrong_secret_and_a_server_that_is_away_are_told_without_the_secret(dovecot: ImapServer) -> None:
    wrong = "een-heel-ander-geheim"
    with pytest.raises(OSError, match="IMAP at localhost") as told:
        box(dovecot, "tls", wrong).waiting()
    assert wrong not in str(told.value)
    with pytest.raises(OSError, match="IMAP at localhost"):
        Imap(Where("localhost", free_port(), "tls", USER, wrong), "INBOX", "Stadsvraag").waiting()
    with pytest.raises(OSError, match="certificate"):  # who is not trusted gets no secret
        Imap(Where("localhost", dovecot.tls, "tls", USER, wrong), "INBOX", "Stadsvraag").waiting()


def test_the_setting_names_the_box(dovecot: ImapServer) -> None:
    assert (
        inbox_of(f"imap://{USER}:{quote(SECRET, safe='')}@127.0.0.1:{dovecot.plain}/INBOX?done=Klaar").waiting()
        is False
    )
