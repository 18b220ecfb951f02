"""Which letters a list of mail shows: by state, domain and address."""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, and_
from sqlmodel import col, func

from intake.mail_care import DEFERRED
from schemas.figures import in_states
from schemas.ledger import TROUBLED, Letter, LetterState

PUT_OFF = and_(in_states(LetterState.OWED), col(Letter.reply).is_not(None))


def in_state(name: str) -> ColumnElement[bool]:
    """The letters that are shown under this name; `troubled` is all that somebody should look at."""
    if name == DEFERRED:
        return PUT_OFF
    if name == "troubled":
        return in_states(*TROUBLED)
    if name == LetterState.OWED:
        return and_(in_states(LetterState.OWED), col(Letter.reply).is_(None))
    return in_states(LetterState(name))


def listed(state: str, domain: str, text: str) -> Sequence[ColumnElement[bool]]:
    """Conditions for the list: a state or all, a domain, an address or a reference of a question."""
    chosen = [col(Letter.name) != "sign-in"]
    if state != "all":
        chosen.append(in_state(state))
    if domain:
        chosen.append(func.lower(Letter.email).endswith(f"@{domain.lower()}", autoescape=True))
    if text:
        chosen.append(func.lower(Letter.email).contains(text.lower(), autoescape=True))
    return chosen
