"""What the programs say of themselves: lines for people, or JSON lines for machines. Never bodies, never secrets."""

import json
import logging
import re
import secrets
import traceback
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any

ROOMS = ("flows", "intake", "matching", "notifications", "schemas", "stadsvraag", "uvicorn")
FIELDS = ("trace", "ref", "step", "method", "route", "path", "status", "ms", "letter", "state")
TRACE: ContextVar[str | None] = ContextVar("trace", default=None)  # of the request in hand
# What follows these in an address lets its holder in: it is a key, not a name.
KEYS = re.compile(r"(?<=/)(l|s|m|u|sign-in|ask|asked)/(?!\d+$|start|new|sent\b)[^/?\s]{12,}")


def masked(text: str) -> str:
    """An address, or a text with addresses in it, without the keys in it and what was asked."""
    return re.sub(r"\?\S*", "?…", without_keys(text))


def without_keys(text: str) -> str:
    """A text with addresses in it, without what would let its reader in as somebody else."""
    return KEYS.sub(r"\1/…", text)


def new_trace() -> str:
    """An id as W3C Trace Context has them."""
    return secrets.token_hex(16)


def current_trace() -> str | None:
    """The trace of the request that this is part of."""
    return TRACE.get()


class Lines(logging.Formatter):
    """For people: one line, with what is known of the request behind it."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s: %(message)s")

    def format(self, record: logging.LogRecord) -> str:
        """The line, and below it where a fault came from."""
        record.exc_text = None  # another may have put words there that are not for us
        known = " ".join(" ".join(f"{name}={value}".split()) for name, value in facts(record).items())
        return masked(super().format(record)) + (f" [{known}]" if known else "")

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - the library's name
        """One line, whatever line ends an address was asked with."""
        return "".join(sign if sign.isprintable() else " " for sign in super().formatMessage(record))

    def formatException(self, ei: Any) -> str:  # noqa: N802 - the library's name
        """The way to the fault without its words."""
        return place(ei)


class Json(logging.Formatter):
    """For machines: one object on one line."""

    def format(self, record: logging.LogRecord) -> str:
        """The object."""
        line: dict[str, Any] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(), "logger": record.name, "message": masked(record.getMessage()),
        } | facts(record)  # fmt: skip
        if record.exc_info and record.exc_info[0]:
            line |= {"fault": record.exc_info[0].__name__, "where": place(record.exc_info)}
        return json.dumps(line, ensure_ascii=False, default=str)


def place(fault: Any) -> str:
    """The way to a fault, and its kind. Its words may quote what people filled in; only the system's own are told."""
    kind, error, trace = fault
    words = f": {error}" if isinstance(error, OSError) else ""
    return "".join(traceback.format_tb(trace)) + f"{kind.__name__}{words}"


def facts(record: logging.LogRecord) -> dict[str, Any]:
    """What a line says besides its words."""
    found = {name: getattr(record, name, None) for name in FIELDS}
    found["trace"] = found["trace"] or TRACE.get()
    return {name: value for name, value in found.items() if value is not None}


def listen(form: str) -> None:
    """Let everything of ours from INFO up, and everything else from WARNING up, be written to standard error."""
    handler = logging.StreamHandler()
    handler.setFormatter(Json() if form == "json" else Lines())
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    for room in ROOMS:  # each with the handler itself: Prefect puts another in the place of the root's
        logger = logging.getLogger(room)
        logger.handlers, logger.propagate = [handler], False
        logger.setLevel(logging.WARNING if room == "uvicorn" else logging.INFO)
