"""Signed, personal links, as in a mail or a bookmark. A token names a row; that row says if it may still be used."""

from collections.abc import Collection
from functools import lru_cache
from hashlib import sha256
from typing import Any

from itsdangerous import BadSignature, URLSafeSerializer

from schemas.settings import settings


def _signer(purpose: str) -> URLSafeSerializer:
    return _made(settings().secret_key.get_secret_value(), purpose)


@lru_cache(maxsize=64)
def _made(secret: str, purpose: str) -> URLSafeSerializer:
    return URLSafeSerializer(secret, salt=purpose)


def _read(purpose: str, token: str) -> Any:
    try:
        return _signer(purpose).loads(token)
    except (BadSignature, UnicodeError):
        return None


def letter_token(letter_id: int) -> str:
    return str(_signer("letter").dumps(letter_id))


def read_letter_token(token: str) -> int | None:
    """The letter's id, or None for a token that we did not make."""
    found = _read("letter", token)
    return found if isinstance(found, int) else None


def status_token(question_id: int, person_id: int) -> str:
    return str(_signer("status").dumps([question_id, person_id]))


def read_status_token(token: str) -> tuple[int, int] | None:
    """Question and person, or None for a token that we did not make."""
    found = _read("status", token)
    return (found[0], found[1]) if isinstance(found, list) and len(found) == 2 else None


def sign_in_token(link_id: int) -> str:
    return str(_signer("sign-in").dumps(link_id))


def read_sign_in_token(token: str) -> int | None:
    found = _read("sign-in", token)
    return found if isinstance(found, int) else None


def draft_token(question_id: int) -> str:
    return str(_signer("draft").dumps(question_id))


def read_draft_token(token: str) -> int | None:
    found = _read("draft", token)
    return found if isinstance(found, int) else None


def mark_of(email: str) -> str:
    """Says which address a link went to, without naming it: when the address is corrected the link is worth nothing."""
    return sha256(email.encode()).hexdigest()[:8]


def mail_token(person_id: int, email: str) -> str:
    """For choosing how mail comes; gives no other right."""
    return str(_signer("mail").dumps([person_id, mark_of(email)]))


def read_mail_token(token: str) -> tuple[int, str] | None:
    """Person and mark of the address, or None for a token that we did not make."""
    found = _read("mail", token)
    return (found[0], found[1]) if isinstance(found, list) and len(found) == 2 else None


def off_token(person_id: int, email: str, kinds: Collection[str]) -> str:
    """For switching letters of these kinds off; gives no other right."""
    return str(_signer("off").dumps([person_id, mark_of(email), *sorted(kinds)]))


def read_off_token(token: str) -> tuple[int, str, list[str]] | None:
    """Person, mark of the address and kinds, or None for a token that we did not make."""
    found = _read("off", token)
    return (found[0], found[1], found[2:]) if isinstance(found, list) and len(found) > 2 else None
