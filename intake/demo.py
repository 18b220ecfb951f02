"""In the demonstration only: be any example person with one click, and read every letter as it was received."""

from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import parsedate_to_datetime
from functools import lru_cache
from pathlib import Path

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from sqlmodel import col, select

from intake.access import MaybeReader, NotForYou, sign_in
from intake.pages import page
from intake.trouble import NotFound
from schemas.database import reading, writing
from schemas.parties import Membership, Organisation, Person
from schemas.settings import settings

router = APIRouter(prefix="/demo")
SIZE = 50
# A letter is a document of its own: it may style itself, and do nothing else.
LETTER_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; sandbox; frame-ancestors 'self'"


def letters_folder() -> Path:
    return settings().data_dir / "mailbox"


@router.get("/people")
async def people(request: Request, reader: MaybeReader) -> Response:
    """Everybody in the example city, by organisation."""
    query = (
        select(Person, Membership, Organisation)
        .join(Membership, col(Membership.person_id) == Person.id)
        .join(Organisation, col(Organisation.id) == Membership.organisation_id)
        .where(col(Person.demo).is_(True))
        .order_by(Organisation.name_nl, col(Person.id), col(Membership.id))
    )
    async with reading(request.app.state.engine) as session:
        rows = (await session.exec(query)).all()
        known = {person.id for person, _, _ in rows}
        others = select(Person).where(col(Person.demo).is_(True), col(Person.id).not_in(known)).order_by(Person.name)
        outsiders = (await session.exec(others)).all()
    groups: dict[str, dict[int, tuple[Person, list[str]]]] = {}
    for person, membership, organisation in rows:
        group = groups.setdefault(organisation.name_nl, {})
        group.setdefault(person.id, (person, []))[1].append(membership.role)
    return page(request, "demo/people.html", reader, groups=groups, outsiders=outsiders)


@router.post("/people/{person_id}")
async def become(request: Request, person_id: int) -> Response:
    """Sign in as an example person; nobody else can be become this way."""
    async with writing(request.app.state.engine) as session:
        person = await session.get(Person, person_id)
        if person is None or not person.demo:
            raise NotForYou
        response = RedirectResponse("/desk", 303)
        await sign_in(request, response, person_id, session)
    return response


@lru_cache(maxsize=2000)
def _read(path: Path) -> EmailMessage:
    return message_from_bytes(path.read_bytes(), policy=policy.default)


def _received() -> list[tuple[str, Path]]:
    """Key and file of each letter in the Maildir, newest first."""
    folder = letters_folder()
    files = [(path.name.partition(":")[0], path) for path in (*folder.glob("new/*"), *folder.glob("cur/*"))]
    return sorted(files, key=lambda one: one[1].stat().st_mtime_ns, reverse=True)


@router.get("/mailbox")
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


@router.get("/mailbox/{key}")
async def one(request: Request, reader: MaybeReader, key: str) -> Response:
    """One letter: its headers, its text, and its HTML in a frame of its own."""
    mail = _mail(key)
    plain = mail.get_body(("plain",))
    headers = [(name, str(value)) for name, value in mail.items()]
    attachments = [part.get_filename() for part in mail.iter_attachments()]
    return page(request, "demo/letter.html", reader, key=key, headers=headers, subject=str(mail["Subject"]),
                to=str(mail["To"]), text=plain.get_content() if plain else "", attachments=attachments)  # fmt: skip


@router.get("/mailbox/{key}/html")
async def html(request: Request, key: str) -> Response:
    """The HTML part alone, with no rights at all."""
    body = _mail(key).get_body(("html",))
    content = body.get_content() if body else ""
    return HTMLResponse(content, headers={"Content-Security-Policy": LETTER_POLICY, "X-Frame-Options": "SAMEORIGIN"})
