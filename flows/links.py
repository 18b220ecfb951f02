"""The links in a letter: signed, personal, made from the letter and our own address."""

from notifications.facts import ABOUT_DRAFT, ABOUT_HAND_IN, SIGNING_IN
from notifications.gallery import links
from schemas.ledger import Letter
from schemas.letter_texts import ON_TRIAL
from schemas.links import draft_token, letter_token, sign_in_token, status_token
from schemas.settings import settings


def trial_links(name: str) -> dict[str, str]:
    """Of a letter that somebody sent to themselves to look at: they show where the real ones stand, and do nothing."""
    page = f"{settings().base_url}/texts/{name}?link="
    return dict.fromkeys(links(name), page)


def links_of(letter: Letter) -> dict[str, str]:
    """`act` (where the letter's one action is), and for a question with a reference `status` and `question`."""
    base, facts = settings().base_url, letter.facts
    if ON_TRIAL in facts:
        return trial_links(letter.name)
    if letter.name in SIGNING_IN:
        return {"act": f"{base}/sign-in/{sign_in_token(facts['sign_in_link_id'])}"}
    if letter.name in ABOUT_DRAFT:
        return {"act": f"{base}/ask/{draft_token(facts.get('draft_id') or letter.question_id or 0)}/1"}
    if letter.meeting_id:  # they sign in: a mailed link should not carry the keys of a whole meeting
        page = {"meeting-cancelled": "meetings", "decision-list": f"meetings/{letter.meeting_id}/decisions"}
        return {"question": f"{base}/{page.get(letter.name, f'meetings/{letter.meeting_id}')}"}
    if letter.name in ABOUT_HAND_IN and not facts.get("ref"):  # about several: whoever reads it signs in
        return {"question": f"{base}/{'board' if letter.role == 'coordinator' else 'desk'}"}
    made = {"act": f"{base}/l/{letter_token(letter.id)}"}
    if letter.question_id and facts.get("ref"):
        made["status"] = f"{base}/s/{status_token(letter.question_id, letter.recipient_id)}"
        made["question"] = f"{base}/questions/{facts['ref']}"
    return made
