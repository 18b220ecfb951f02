"""What one does with texts of letters: keep a draft, put it live, bring one back, try it. For pages and API alike."""

from collections.abc import Mapping
from datetime import timedelta

from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from intake.sight import Reader
from intake.texts.examples import Seen
from intake.texts.standing import SPOKEN, Standing, check_author, differing, faults_in, release_of
from notifications.checking import LONGEST, plain
from schemas.ledger import Letter
from schemas.letter_drafts import LetterTextDraft, TextMovedOn, keep_draft, put_live
from schemas.letter_texts import ON_TRIAL, LetterText, live_versions, versions_of
from schemas.letters import new_message_id
from schemas.moment import now
from schemas.needs import Fault, FaultyNeeds, storable

LONGEST_WHY, TRIALS_AN_HOUR = 500, 20
Texts = Mapping[str, str]


async def standing(session: AsyncSession, name: str) -> Standing:
    """How the texts of a letter stand."""
    return Standing(name, (await live_versions(session, [name])).get(name))


def sound(name: str, given: Mapping[str, object], now_live: Texts) -> dict[str, str]:
    """The texts that were given, as they are kept; a language that is not given stays as it is. Raises FaultyNeeds."""
    faults = [Fault(one.encode(errors="replace").decode(), "not_asked") for one in given.keys() - set(SPOKEN)]
    texts = dict(now_live)
    for language in SPOKEN:
        text = given.get(language, texts[language])
        if not isinstance(text, str) or not storable(text):
            faults.append(Fault(language, "not_accepted" if isinstance(text, str) else "wrong"))
        elif len(text) > 4 * LONGEST:  # a draft may be too long for a letter, but not for our patience
            faults.append(Fault(language, "too_long", str(LONGEST)))
        else:
            texts[language] = plain(text)
    if faults:
        raise FaultyNeeds(faults)
    return texts


async def keep(session: AsyncSession, reader: Reader, name: str, given: Mapping[str, object], base: int, why: str
               ) -> LetterTextDraft:  # fmt: skip
    """Keep what somebody has written. Raises FaultyNeeds for what cannot be kept at all."""
    check_author(reader, name)
    texts = sound(name, given, (await standing(session, name)).texts)
    return await keep_draft(session, name, reader.person.id, base, texts, _reason(why, needed=False))


async def go_live(session: AsyncSession, reader: Reader, name: str, texts: Texts, base: int, why: str) -> LetterText:
    """Put texts live. Raises FaultyNeeds with everything that is wrong, TextMovedOn when another version came first."""
    check_author(reader, name)
    before = await standing(session, name)
    if before.version != base:
        raise TextMovedOn(name)
    reason = _reason(why)
    if faults := faults_in(name, texts):
        raise FaultyNeeds(faults)
    own = differing(name, texts)
    if own == before.own:
        raise FaultyNeeds([Fault("nl", "text_same")])
    release = {language: release_of(name)[language] for language in own}
    return await put_live(session, name, reader.person.id, base, own, release, why=reason)


async def bring_back(session: AsyncSession, reader: Reader, name: str, version: int, base: int, why: str = ""
                     ) -> LetterText:  # fmt: skip
    """Put an earlier version live again; 0 is the release's text. Raises as `go_live`."""
    check_author(reader, name)
    found = next((one for one in await versions_of(session, name) if one.version == version), None)
    if found is None and version != 0:
        raise FaultyNeeds([Fault("version", "unknown")])
    texts = release_of(name) | (found.texts if found else {})
    if faults := faults_in(name, texts):
        raise FaultyNeeds([Fault("version", "text_too_old"), *faults])
    own = differing(name, texts)
    before = await standing(session, name)
    if own == dict(before.own):
        raise FaultyNeeds([Fault("version", "text_same")])
    release = {language: release_of(name)[language] for language in own}
    return await put_live(
        session, name, reader.person.id, base, own, release, why=_reason(why, needed=False), restored=version
    )


async def try_out(session: AsyncSession, reader: Reader, name: str, language: str, text: str, seen: Seen) -> Letter:
    """Owe a letter with this text to its author. Raises FaultyNeeds when the text is unsound, or after too many."""
    check_author(reader, name)
    if language not in SPOKEN:
        raise FaultyNeeds([Fault("language", "not_a_choice")])
    texts = (await standing(session, name)).texts | {language: text}
    if faults := [one for one in faults_in(name, texts) if one.field.startswith(language) and not _of_both(one)]:
        raise FaultyNeeds(faults)
    me, at = reader.person, now()
    recent = (
        Letter.recipient_id == me.id,
        col(Letter.entry_id).is_(None),
        col(Letter.owed_at) > at - timedelta(hours=1),
    )
    if (await session.exec(select(func.count(col(Letter.id))).where(*recent))).one() >= TRIALS_AN_HOUR:
        raise FaultyNeeds([Fault("language", "enough_trials", str(TRIALS_AN_HOUR))])
    first, _, rest = text.partition("\n")
    facts = seen.facts | {"recipient": me.name, ON_TRIAL: f"{_mark(language)}: {first}\n{rest}"}
    letter = Letter(name=name, role=str(seen.facts.get("role", "")), recipient_id=me.id, email=me.email,
                    language=language, facts=facts, message_id=new_message_id(), owed_at=at, due_at=at)  # fmt: skip
    session.add(letter)
    await session.flush()
    return letter


def _mark(language: str) -> str:
    return "Proef" if language == "nl" else "Trial"


def _of_both(fault: Fault) -> bool:
    return fault.code == "text_not_in_other"


def _reason(why: str, *, needed: bool = True) -> str:
    why = " ".join(why.split())
    if not storable(why) or len(why) > LONGEST_WHY:
        code = "too_long" if len(why) > LONGEST_WHY else "not_accepted"
        raise FaultyNeeds([Fault("why", code, str(LONGEST_WHY))])
    if needed and not why:
        raise FaultyNeeds([Fault("why", "missing")])
    return why
