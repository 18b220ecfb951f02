"""In the demonstration only: read every letter as it was received."""

from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import parsedate_to_datetime
from functools import lru_cache
from pathlib import Path

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response

from intake.access import MaybeReader
from intake.pages import page
from intake.trouble import NotFound
from schemas.settings import settings

router = APIRouter(prefix="/demo/mailbox")
SIZE = 50
# A letter is a document of its own: it may style itself, and do nothing else.
LETTER_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; sandbox; frame-ancestors 'self'"


@lru_cache(maxsize=2000)
def _read(path: Path) -> EmailMessage:
    return message_from_bytes(path.read_bytes(), policy=policy.default)


def _received() -> list[tuple[str, Path]]:
    """Key and file of each letter in the Maildir, newest first."""
    folder = settings().data_dir / "mailbox"
    files = [(path.name.partition(":")[0], path) for path in (*folder.glob("new/*"), *folder.glob("cur/*"))]
    return sorted(files, key=lambda one: one[1].stat().st_mtime_ns, reverse=True)


@router.get("")
async def inbox(request: Request, reader: MaybeReader, to: str = "", page_number: int = 1) -> Response:
    """Every letter as it was received over SMTP, newest first."""
    found = [(key, _read(path)) for key, path in _received()]
    wanted = [one for one in found if to.lower() in str(one[1]["To"]).lower()] if to else found
    first = (max(page_number, 1) - 1) * SIZE
    rows = [
        {
            "key": key,
            "to": str(mail["To"]),
            "subject": str(mail["Subject"]),
            "at": parsedate_to_datetime(str(mail["Date"])),
        }
        for key, mail in wanted[first : first + SIZE]
    ]
    return page(request, "demo/mailbox.html", reader, rows=rows, total=len(wanted), to=to, number=max(page_number, 1),
                more=first + SIZE < len(wanted))  # fmt: skip


def _mail(key: str) -> EmailMessage:
    path = dict(_received()).get(key)
    if path is None:
        raise NotFound("letter")
    return _read(path)


@router.get("/{key}")
async def one(request: Request, reader: MaybeReader, key: str) -> Response:
    """One letter: its headers, its text, and its HTML in a frame of its own."""
    mail = _mail(key)
    plain = mail.get_body(("plain",))
    headers = [(name, str(value)) for name, value in mail.items()]
    attachments = [part.get_filename() for part in mail.iter_attachments()]
    return page(request, "demo/letter.html", reader, key=key, headers=headers, subject=str(mail["Subject"]),
                to=str(mail["To"]), text=plain.get_content() if plain else "", attachments=attachments)  # fmt: skip


@router.get("/{key}/html")
async def html(request: Request, key: str) -> Response:
    """The HTML part alone, with no rights at all."""
    body = _mail(key).get_body(("html",))
    content = body.get_content() if body else ""
    return HTMLResponse(content, headers={"Content-Security-Policy": LETTER_POLICY, "X-Frame-Options": "SAMEORIGIN"})
