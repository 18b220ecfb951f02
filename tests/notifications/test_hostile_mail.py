"""Bytes that mean no good, and bytes that mean nothing: sorting never fails, and never takes long."""

import time
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from notifications.sorting import Sorted, sort
from tests.notifications.arrived import ID, NAMES, OURS, arrived

HOSTILE: dict[str, Callable[[], bytes]] = {
    "parts in parts": lambda: b"".join(
        b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (n, n) for n in range(2000)
    ),
    "many parts": lambda: b"Content-Type: multipart/mixed; boundary=b\n\n" + b"--b\n\nx\n" * 100_000,
    "a long header": lambda: b"From: " + b"a@b," * 400_000 + b"\n\nx",
    "references": lambda: b"From: a@b.nl\nReferences: " + b"<a@b>" * 300_000 + b"\n\nx",
    "brackets": lambda: b"From: a@b.nl\nIn-Reply-To: " + b"<" * 1_000_000 + b"\n\nx",
    "encoded words": lambda: b"From: a@b.nl\nSubject: " + b"=?utf-8?q?=C3?=" * 100_000 + b"\n\nx",
    "divs": lambda: b"From: a@b.nl\nContent-Type: text/html\n\n" + b"<div>" * 400_000,
    "list items": lambda: b"From: a@b.nl\nContent-Type: text/html\n\n" + b"<ul><li>" * 250_000,
    "op schreef": lambda: b"From: a@b.nl\n\n" + b"Op 1 schreef " * 100_000,
    "quotes": lambda: b"From: a@b.nl\n\n" + b">" * 1_000_000,
    "bounce words": lambda: b"From: mailer-daemon@b.nl\nReturn-Path: <>\n\n" + b"<a@b.nl>:\n" * 150_000,
    "message ids": lambda: b"From: mailer-daemon@b.nl\nReturn-Path: <>\n\n" + b"Message-ID: <" * 100_000,
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_what_is_made_to_keep_us_busy_does_not(name: str) -> None:
    raw = HOSTILE[name]()
    begun = time.process_time()
    found = sort(raw)
    assert time.process_time() - begun < 5
    assert len(found.text) + len(found.quoted) < 25_000


@settings(max_examples=400, deadline=None)
@given(st.binary(max_size=3000))
def test_no_bytes_make_it_fail(raw: bytes) -> None:
    _whole(sort(raw, OURS))


HEADERS = ("From", "To", "Subject", "Message-ID", "In-Reply-To", "References", "Return-Path",
           "Content-Type", "Precedence",
           "Content-Transfer-Encoding", "Content-Disposition", "Auto-Submitted",
           "List-Id", "Date", "MIME-Version")  # fmt: skip
VALUES = st.one_of(
    st.text(max_size=60), st.sampled_from(["<>", ID, "multipart/report; report-type=delivery-status; boundary=b",
    "=?x?q?=FF?=",
    "multipart/mixed; boundary=b", "text/html; charset=punycode", "message/rfc822", "base64", "message/delivery-status",
    "\"" * 9, "a@b, c@d", "MAILER-DAEMON@x"]),
)  # fmt: skip


@settings(max_examples=400, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(HEADERS), VALUES), max_size=8), st.lists(st.binary(max_size=80), max_size=6))
def test_no_headers_and_parts_make_it_fail(headers: list[tuple[str, str]], parts: list[bytes]) -> None:
    head = "".join(f"{name}: {value}\n" for name, value in headers).encode("utf-8", "surrogatepass")
    _whole(sort(head + b"\n" + b"\n--b\n".join(parts), OURS))


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(NAMES), st.integers(0, 3000), st.integers(0, 60), st.binary(max_size=30))
def test_no_damage_to_a_real_message_makes_it_fail(name: str, at: int, length: int, new: bytes) -> None:
    raw = arrived(name)
    _whole(sort(raw[:at] + new + raw[at + length :], OURS))


def _whole(found: Sorted) -> None:
    """Everything can be kept in a database and shown."""
    for text in (found.text, found.quoted, found.subject, found.name, found.email, found.message_id):
        text.encode("utf-8")
        assert "\x00" not in text
    assert all("\x00" not in one["name"] and one["name"].encode() for one in found.files)
    assert len(found.digest) == 64
