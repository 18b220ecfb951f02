"""The log: one line for each thing, no key and no word that people filled in."""

import json
import logging
import sys
from collections.abc import Iterator

import pytest

from schemas.links import draft_token, letter_token, sign_in_token, status_token
from schemas.logs import TRACE, Json, Lines, listen, masked

SECRET = "Jansen woont op nummer 7"
KEYS = pytest.mark.parametrize(("before", "key"), [
    ("/l/", letter_token(12)), ("/s/", status_token(3, 4)), ("/sign-in/", sign_in_token(5)), ("/ask/", draft_token(6)),
    ("/asked/", status_token(7, 8)),
])  # fmt: skip


def record(message: str = "said", **more: object) -> logging.LogRecord:
    made = logging.LogRecord("intake.tracing", logging.INFO, "", 0, message, (), None)
    made.__dict__.update(more)
    return made


def broken() -> logging.LogRecord:
    try:
        raise ValueError(SECRET)
    except ValueError:
        return record(exc_info=sys.exc_info())


@KEYS
def test_a_key_in_an_address_is_masked(before: str, key: str) -> None:
    for said in (
        f"{before}{key}",
        f"GET http://stad.example.org{before}{key}/steps/agree?x={SECRET}",
        f"{before}{key}/1",
    ):
        assert key not in masked(said)
        assert "Jansen" not in masked(said)
        assert before in masked(said)


@pytest.mark.parametrize("path", ["/questions/ES-2026-0001-K", "/l", "/sign-in", "/ask/start", "/static/css/a.css"])
def test_other_addresses_stay_as_they_are(path: str) -> None:
    assert masked(path) == path


def test_json_is_one_line_with_what_is_known() -> None:
    token = TRACE.set("ab" * 16)
    line = Json().format(record("two\nlines", ref="ES-2026-0001-K", status=201))
    TRACE.reset(token)
    said = json.loads(line)
    assert "\n" not in line
    assert (said["message"], said["ref"], said["status"], said["trace"]) == (
        "two\nlines",
        "ES-2026-0001-K",
        201,
        "ab" * 16,
    )


@pytest.mark.parametrize("form", [Json(), Lines()])
def test_a_fault_is_told_without_its_words(form: logging.Formatter) -> None:
    line = form.format(broken())
    assert "ValueError" in line
    assert "broken" in line
    assert SECRET not in line


@pytest.fixture
def as_before() -> Iterator[None]:
    loggers = [logging.getLogger(name) for name in ("", "intake", "flows", "uvicorn")]
    kept = [(one, one.handlers[:], one.level, one.propagate) for one in loggers]
    yield
    for one, handlers, level, propagate in kept:
        one.handlers, one.propagate = handlers, propagate
        one.setLevel(level)


@pytest.mark.usefixtures("as_before")
def test_ours_is_heard_from_info_up(capsys: pytest.CaptureFixture[str]) -> None:
    listen("json")
    logging.getLogger("intake.tracing").info("ours")
    logging.getLogger("somebody.else").info("theirs")
    assert [json.loads(line)["message"] for line in capsys.readouterr().err.splitlines()] == ["ours"]


def test_no_address_forges_a_line() -> None:
    line = Lines().format(record("GET /x\n2026-01-01 INFO intake: forged", ref="a\r\nb"))
    assert line.splitlines() == [line]
