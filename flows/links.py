"""The links in a letter: signed, personal, made from the letter and our own address."""

from collections.abc import Iterator

from notifications import gallery
from notifications.facts import ABOUT_DRAFT, ABOUT_HAND_IN, SIGNING_IN
from schemas.digests import NAME
from schemas.kinds import OPTIONAL, kind_of
from schemas.ledger import Letter
from schemas.letter_texts import ON_TRIAL
from schemas.links import draft_token, letter_token, mail_token, off_token, sign_in_token, status_token
from schemas.roles import EVERYWHERE
from schemas.settings import settings


def trial_links(name: str) -> dict[str, str]:
    """Of a letter that somebody sent to themselves to look at: they show where the real ones stand, and do nothing."""
    page = f"{settings().base_url}/texts/{name}?link="
    return dict.fromkeys(gallery.links(name), page)


def links_of(letter: Letter) -> dict[str, str]:
    """`act` (where the letter's one action is), and for a question with a reference `status` and `question`.

    `mail`: where its reader says how mail comes.
    """
    base, facts = settings().base_url, letter.facts
    if ON_TRIAL in facts:
        return trial_links(letter.name)
    if letter.name in SIGNING_IN:
        return {"act": f"{base}/sign-in/{sign_in_token(facts['sign_in_link_id'])}"}
    links = {"mail": f"{base}/m/{mail_token(letter.recipient_id, letter.email)}"}
    if letter.name == NAME:
        return links | {"question": f"{base}/desk"} | dict(_about_each(base, letter))
    if letter.name in ABOUT_DRAFT:
        return links | {"act": f"{base}/ask/{draft_token(facts.get('draft_id') or letter.question_id or 0)}/1"}
    if letter.meeting_id:  # they sign in: a mailed link should not carry the keys of a whole meeting
        page = {"meeting-cancelled": "meetings", "decision-list": f"meetings/{letter.meeting_id}/decisions"}
        return links | {"question": f"{base}/{page.get(letter.name, f'meetings/{letter.meeting_id}')}"}
    if letter.name in ABOUT_HAND_IN and not facts.get("ref"):  # about several: whoever reads it signs in
        return links | {"question": f"{base}/{'board' if letter.role == 'coordinator' else 'desk'}"}
    links["act"] = f"{base}/l/{letter_token(letter.id)}"
    if letter.question_id and facts.get("ref"):
        links["status"] = f"{base}/s/{status_token(letter.question_id, letter.recipient_id)}"
        links["question"] = f"{base}/questions/{facts['ref']}"
    return links


def _about_each(base: str, letter: Letter) -> Iterator[tuple[str, str]]:
    """The page of each question in a digest: on the desk for whoever works there, else where it stands."""
    for one in letter.facts["questions"]:
        status = f"{base}/s/{status_token(one['id'], letter.recipient_id)}"
        yield f"at {one['ref']}", f"{base}/questions/{one['ref']}" if one["role"] in EVERYWHERE else status


def off_link(letter: Letter) -> str:
    """Where one click switches letters like this off; empty for those that cannot be."""
    kinds = letter.facts.get("kinds") if letter.name == NAME else [kind_of(letter.name, letter.role)]
    if not kinds or not {*kinds} <= {*OPTIONAL}:
        return ""
    return f"{settings().base_url}/u/{off_token(letter.recipient_id, letter.email, kinds)}"
