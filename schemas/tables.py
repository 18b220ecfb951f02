"""Every table, in one place for migrations and tests."""

from sqlmodel import SQLModel

from schemas import (  # noqa: F401 - a table registers itself when its module is read
    absence,
    access,
    attachments,
    candidates,
    desk,
    incidents,
    kept,
    ledger,
    letter_drafts,
    letter_events,
    letter_texts,
    meetings,
    notes,
    parties,
    people,
    prospects,
    received,
    subjects,
    supply,
    versions,
)

METADATA = SQLModel.metadata
