"""The address of every page, by who looks at it."""

import json
import sqlite3

from schemas.links import draft_token, status_token
from tests.intake.browser.site import Site

SUPPLY = (
    "/institution/artez/catalogue",
    "/institution/artez/catalogue/artez-biolab",
    "/institution/artez/changes",
    "/institution/artez/catalogue/new",
    "/institution/artez/catalogue/artez-biolab/change",
    "/institution/artez/editions",
    "/institution/artez/copy",
    "/institution/artez/import",
    "/institution/artez/edition?offering=artez-biolab&term=artez:2026/27:S2",
)


Addresses = tuple[str, ...]


def pages(site: Site) -> dict[str, Addresses]:
    """The addresses that each person looks at; nobody is signed in under the empty name."""
    fresh, voted, done = site.ref("bezoekers van de binnenstad"), site.ref("international"), site.ref("Wesselerbrink")
    placed, runs = site.ref("Twentekanaal"), site.ref("chatbot")
    _meeting(site)
    return {
        "": _of_a_visitor(site, fresh, done),
        "bram.de.boer": (*_of_the_desk(site, fresh, runs), *_of_questions(site, fresh, placed, runs)),
        "eva.jansen": (
            f"/questions/{voted}", f"/questions/{voted}/steps/vote", "/meetings", "/meetings/new",
            *(f"/meetings/1{one}" for one in ("", "/move", "/pack", "/decisions", "/screen", f"/screen/{voted}")),
        ),
        "femke.smit": ("/desk", f"/trajectories/{placed}.1", "/institution"),
        "yusuf.demir": (f"/trajectories/{runs}.1/steps/deliver", f"/trajectories/{runs}.1/files"),
        "ursula.de.wit": SUPPLY,
        "wouter.hoekstra": (f"/trajectories/{placed}.1/steps/agree", f"/questions/{placed}"),
        "marloes.dekker": (f"/questions/{done}", f"/questions/{done}/steps/report_impact"),
        "greta.linden": ("/people", f"/people/{site.person('chen.li')}", "/account", "/incidents", "/changes"),
        "dirk.visser": ("/desk", f"/questions/{fresh}"),
    }  # fmt: skip


def _of_a_visitor(site: Site, fresh: str, done: str) -> Addresses:
    question, person = site.ask("SELECT id, submitter_id FROM question WHERE ref = ?", fresh)[0]
    seen = status_token(int(str(question)), int(str(person)))
    offer, draft = site.mailed("offer", "ivo.peters"), f"/ask/{draft_token(_draft(site))}"
    return (
        *(f"{draft}/{one}" for one in ("1", "2?again=1", "3", "4", "saved", "discard")),
        f"/asked/{seen}", f"/s/{seen}", f"/results/{done}.1",
        *(f"{offer}{one}" for one in ("", "/steps/take_on", "/steps/decline", "/sent")),
        "/", "/ask", "/results", "/process", "/privacy", "/accessibility", "/api", "/nergens", "/l/nergens",
        "/sign-in", "/sign-in/sent?email=a@b.nl", "/sign-in/expired",
        "/demo/people", "/demo/mailbox", "/demo/mailbox/1.example", "/demo/mailbox?to=niemand",
    )  # fmt: skip


def _of_the_desk(site: Site, fresh: str, runs: str) -> Addresses:
    letter = site.ask("SELECT min(id) FROM letter WHERE state = 'owed'")[0][0]
    return (
        "/account/mail", "/desk", "/desk?text=fiets", "/desk?text=bestaatniet", "/mail", "/mail?state=all",
        "/desk?view=others&sort=title", "/board", "/board?terms=5&institution=ut",
        *(f"/questions/{one}/offers" for one in (fresh, site.ref("brieven over schulden"))),
        f"/desk/steps?row={fresh}&row={runs}", f"/desk/steps?row={fresh}&step=question.reject", "/desk/steps",
        "/texts", "/texts/offer", "/texts/offer/edit", "/texts/offer/versions/0", "/texts/offer/release",
        "/shortcuts", f"/desk/steps?row={fresh}&step=question.resume", "/desk/views?query=view%3Dlate",
        *(f"/letters/{letter}{one}" for one in ("", "/resend", "/address", "/withhold")),
        *(f"/received{one}" for one in ("", "?which=all", f"/{_received(site)}", f"/{_received(site)}/remove")),
    )  # fmt: skip


def _of_questions(site: Site, fresh: str, placed: str, runs: str) -> Addresses:
    note, file = _noted(site, runs)
    return (
        *(f"/questions/{one}" for one in (fresh, runs, f"{fresh}/steps/put_forward", f"{fresh}/steps/reject")),
        f"/questions/{runs}/notes", f"/trajectories/{runs}.1/notes", f"/questions/{runs}/files",
        *(f"/notes/{note}/{one}" for one in ("correct", "remove")), f"/files/{file}/remove",
        f"/questions/{runs}?said=note",
        f"/questions/{placed}/steps/offer", f"/trajectories/{runs}.1", "/questions/ES-2026-9999-0",
    )  # fmt: skip


def _meeting(site: Site) -> None:
    """A meeting to look at, with everybody present."""
    seats = [one for (one,) in site.ask("SELECT person_id FROM membership WHERE role IN ('committee', 'chair')")]
    columns = "id, uid, sequence, begins_at, ends_at, place, link, present, pack, decisions, made_by_id, created_at"
    began, ends, link = "2020-01-14 13:00:00", "2099-01-14 14:30:00", "https://vergaderen.example.org/1"
    row = (1, "x@stadsvraag", 0, began, ends, "Stadhuis", link, json.dumps(seats), "{}", "{}", 1, began)
    with sqlite3.connect(site.database) as connection:
        connection.execute(f"INSERT OR IGNORE INTO meeting ({columns}) VALUES ({', '.join('?' * len(row))})", row)  # noqa: S608


def _received(site: Site) -> int:
    """A message to look at that belongs to no question yet."""
    said = {
        "digest": "x", "message_id": "<x@example.org>", "kind": "reply", "state": "new", "from_name": "Piet",
        "from_email": "piet@example.org", "subject": "Een vraagje", "text": "Goedemiddag.", "quoted": "> Dag",
        "files": "[]", "size": 9, "cut": False, "told": False, "at": "2026-11-24 09:00:00",
    }  # fmt: skip
    names, marks = ", ".join(said), ", ".join("?" * len(said))
    with sqlite3.connect(site.database) as connection:
        connection.execute(f"INSERT OR IGNORE INTO received ({names}) VALUES ({marks})", [*said.values()])  # noqa: S608
    return int(str(site.ask("SELECT max(id) FROM received")[0][0]))


def _draft(site: Site) -> int:
    """A draft to look at, as somebody left it."""
    found = site.ask("SELECT max(id) FROM question WHERE state = 'draft'")[0][0]
    return int(str(found))


def _noted(site: Site, ref: str) -> tuple[int, int]:
    """A note of the coordinator's and a file of his to look at; the content is not looked at."""
    found = site.ask("SELECT id FROM question WHERE ref = ?", ref)[0][0]
    bram = site.person("bram.de.boer")
    with sqlite3.connect(site.database) as connection:
        note = connection.execute(
            "INSERT INTO note (question_id, kind, audience, actor_id, role, text, mentions, at) "
            "VALUES (?, 'written', 'workers', ?, 'coordinator', 'De planning klopt.', ?, '2026-11-24 09:00:00')",
            (found, bram, f"[{bram}]"),
        ).lastrowid
        file = connection.execute(
            "INSERT INTO attachment (question_id, note_id, result, name, type, size, sha256, scanned, by_id, at) "
            "VALUES (?, NULL, 0, 'plan.pdf', 'application/pdf', 1, '', 0, ?, '2026-11-24 09:00:00')", (found, bram),
        ).lastrowid  # fmt: skip
    return int(note or 0), int(file or 0)
