"""The people of the example city by their first names, and what they would fill in: valid, and true to life."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, NamedTuple, Self

from sqlalchemy.ext.asyncio import AsyncEngine
from sqlmodel import col, select

from schemas.database import reading
from schemas.moment import now
from schemas.parties import Membership, Person
from schemas.steps import Actor


@dataclass(frozen=True)
class Somebody(Actor):
    """A person of the example city; can be given wherever an Actor is asked for."""

    name: str = ""
    email: str = ""
    language: str = "nl"
    organisation: str = ""
    roles: tuple[str, ...] = ()

    @property
    def id(self) -> int:
        assert self.person_id is not None
        return self.person_id


class Place(NamedTuple):
    """Where an institution answers questions, and through whom."""

    offering: str
    term: str
    broker: str
    lecturer: str


PLACES: Mapping[str, Place] = {
    "ut": Place("ut-create-graduation-project", "ut:2026/27:2A", "femke", "chen"),
    "saxion": Place("saxion-project-week", "saxion:2026/27:PW", "ivo", "xandra"),
    "roc-twente": Place("roc-hub", "roc-twente:2026/27:P3", "sanne", "zoe"),
    "artez": Place("artez-biolab", "artez:2026/27:S2", "ursula", "bo"),
}


@dataclass(frozen=True)
class Cast:
    """Everybody. `all` holds them by first name in plain letters."""

    all: Mapping[str, Somebody]

    amira: Somebody  # submitter and owner, Enschede
    hanna: Somebody  # her deputy
    jonas: Somebody  # submitter and owner, Enschede; reads English
    marloes: Somebody  # owner, Enschede
    gijs: Somebody  # owner, Hengelo
    karin: Somebody  # owner, Hengelo
    samir: Somebody  # deputy, Hengelo
    bram: Somebody  # coordinator
    eva: Somebody  # chair of the steering group
    lars: Somebody  # its members: Hengelo,
    mona: Somebody  # UT,
    niels: Somebody  # Saxion,
    olga: Somebody  # ROC van Twente,
    pieter: Somebody  # ArtEZ
    femke: Somebody  # brokers: UT,
    quinten: Somebody  # UT, the second,
    ivo: Somebody  # Saxion,
    roos: Somebody  # Saxion, the second,
    sanne: Somebody  # ROC van Twente,
    ursula: Somebody  # ArtEZ
    chen: Somebody  # lecturers: UT; reads English,
    wouter: Somebody  # UT,
    xandra: Somebody  # Saxion,
    zoe: Somebody  # ROC van Twente,
    bo: Somebody  # ArtEZ
    daan: Somebody  # partner: Kennispunt Twente
    fleur: Somebody  # partner: the cities' own HR
    els: Somebody  # privacy officer
    frank: Somebody  # executive
    greta: Somebody  # administrator
    dirk: Somebody  # nobody here: always refused

    @classmethod
    async def of(cls, engine: AsyncEngine) -> Self:
        """The cast with the ids that a database gave them."""
        query = (
            select(Person, Membership)
            .join(Membership, col(Membership.person_id) == Person.id, isouter=True)
            .order_by(col(Person.id), col(Membership.id))
        )
        async with reading(engine) as session:
            rows = (await session.exec(query)).all()
        found: dict[str, Somebody] = {}
        for person, membership in rows:
            short = person.email.split(".")[0].split("@")[0]
            before = found.get(short)
            roles = (*(before.roles if before else ()), *([membership.role] if membership else []))
            found[short] = Somebody(
                person.id, None, person.name, person.email, person.language,
                membership.organisation_id if membership else "", roles,
            )  # fmt: skip
        known = {name: found[name] for name in cls.__annotations__ if name != "all"}
        return cls(all=found, **known)

    @property
    def committee(self) -> tuple[Somebody, ...]:
        """The steering group: its chair first."""
        return self.eva, self.lars, self.mona, self.niels, self.olga, self.pieter

    def broker(self, institution: str) -> Somebody:
        return self.all[PLACES[institution].broker]

    def lecturer(self, institution: str) -> Somebody:
        return self.all[PLACES[institution].lecturer]


def day(days: int) -> str:
    """A day so many days from now, as a form gives it."""
    return (now() + timedelta(days=days)).date().isoformat()


def form(by: Somebody, deputy: Somebody, owner: Somebody | None = None, **changes: Any) -> dict[str, Any]:
    """A whole form, valid as it is; the submitter owns the question unless an owner is named."""
    other = {"owner_is_me": "no", "owner_name": owner.name, "owner_email": owner.email} if owner else {}
    return {
        "title": "Waar stallen bezoekers van de binnenstad hun fiets het liefst?",
        "situation": "In de binnenstad staan elke zaterdag honderden fietsen in de looproutes, ook bij de bushaltes.",
        "wanted": "Een kaart van plekken waar mensen hun fiets willen stallen, en waarom juist daar.",
        "use": "In het voorjaar beslist de raad over twee nieuwe stallingen.",
        "submitter_name": by.name,
        "submitter_email": by.email,
        "city": "enschede",
        "department": "Mobiliteit",
        "owner_is_me": "yes",
        "deputy_name": deputy.name,
        "deputy_email": deputy.email,
        "manager_agrees": "yes",
        "challenge": "bereikbaarheid",
        "time_available": "hour_a_week",
        "confidential": "no",
        "language": "en",
        "place": "Binnenstad",
    } | other | changes  # fmt: skip


def agreement(**changes: Any) -> dict[str, Any]:
    """What owner and lecturer agree to, valid as it is."""
    return {
        "scope": "Tellingen op drie zaterdagen en gesprekken met vijftig fietsers.",
        "product": "Een kaart en een advies van tien bladzijden.",
        "contacts": "Elke twee weken een half uur, op dinsdag.",
        "ip": "shared",
        "confidentiality": "open",
        "privacy": "no_personal_data",
        "costs": "Geen.",
        "publishing": "full",
    } | changes


REASON = "De opdracht past niet meer bij de planning van dit jaar."


def needs_for(step: str, cast: Cast, institution: str = "ut") -> dict[str, Any]:
    """Valid needs for a step of either table; `merge` still asks for its `other_question`."""
    return {**_for_question(cast, institution), **_for_trajectory(cast, institution)}.get(step, {})


def _for_question(cast: Cast, institution: str) -> dict[str, dict[str, Any]]:
    return {
        "refuse_ownership": {"note": "Dit hoort bij het team Wijken en stadsdelen."},
        "ask_back": {"note": "Over welke straten gaat het?"},
        "clarify": {"answer": "Het gaat over de Haverstraatpassage en de Marktstraat."},
        "put_forward": {
            "scores": {"relevance": "3", "learning": "2", "openness": "3", "feasibility": "2", "use": "3"},
            "advice": "accept", "route": "thesis", "explanation": "Past bij een afstudeeropdracht.",
        },
        "vote": {"vote": "accept"},
        "accept": {"route": "thesis"},
        "reject": {"reason": REASON, "alternative": "Het team Mobiliteit heeft hier een bureau voor."},
        "redirect": {"target": "kennispunt-twente", "reason": "Hier bestaan al cijfers over."},
        "hand_back": {"reason": "Deze cijfers verzamelen wij niet."},
        "merge": {"reason": "Het is dezelfde vraag."},
        "split": {"parts": ["Waar willen fietsers stallen?", "Hoe houd je looproutes vrij?"], "lead": institution},
        "prefer": {"offering": "ut-uif", "reason": "Die groep kent het plein al."},
        "ask_around": {"candidates": ["ut-uif", "roc-hub"], "order": "in_order"},
        "hold": {"until": day(90), "reason": "Eerst beslist de raad over de begroting."},
        "postpone": {"until": day(120)},
        "change_deputy": {"deputy_name": cast.samir.name, "deputy_email": cast.samir.email},
        "suspend": {"resume_on": day(14), "reason": "De eigenaar is twee weken met vakantie."},
        "extend": {"working_days": 5, "reason": "Er is nog een gesprek nodig."},
        "change_owner": {"owner_name": cast.marloes.name, "owner_email": cast.marloes.email},
        "correct_contact": {"contact_name": "Peter Nijland", "contact_email": "peter.nijland@example.org"},
        "withdraw": {"reason": REASON},
        "report_impact": {"used": "yes", "how": "De raad koos de plek bij de Oude Markt."},
        "unmatch": {"reason": REASON},
        "reopen": {"reason": "De situatie is veranderd."},
    }  # fmt: skip


def _for_trajectory(cast: Cast, institution: str) -> dict[str, dict[str, Any]]:
    place, lecturer = PLACES[institution], cast.lecturer(institution)
    return {
        "offer": {"institution": institution, "offering": place.offering, "message": "Past dit bij jullie?"},
        "decline": {"reason": "Alle groepen van dit jaar hebben al een opdracht."},
        "place": {"offering": place.offering, "term": place.term,
                  "lecturer_name": lecturer.name, "lecturer_email": lecturer.email},
        "agree": agreement(),
        "start": {"students_expected": 4},
        "report_midterm": {"progress": "on_track"},
        "correct_contact": {"contact_name": "Peter Nijland", "contact_email": "peter.nijland@example.org"},
        "cancel": {"cause": "no_students", "reason": "Er schreven zich te weinig studenten in."},
        "choose_way": {"way": "other_institution", "note": "Liefst voor de zomer."},
        "change_lecturer": {"lecturer_name": cast.wouter.name, "lecturer_email": cast.wouter.email},
        "change_student_contact": {"student_name": "Sil Visscher", "student_email": "sil.visscher@example.org"},
        "deliver": {
            "summary": "Fietsers willen binnen honderd meter van hun doel stallen.", "students_wo": 4, "hours": 640,
            "links": ["https://stad.example.org/stallen.pdf"],
            "student_name": "Noor Visscher", "student_email": "noor.visscher@example.org",
        },
        "accept_result": {"intended_use": "Het raadsvoorstel leunt erop.", "useful": "5", "contact_good": "4",
                          "again": "yes"},
        "ask_revision": {"note": "De bijlage met tellingen ontbreekt nog."},
        "refuse_result": {"note": "De tellingen gaan over een andere straat."},
        "clear": {"clearance": "ok"},
    }  # fmt: skip
