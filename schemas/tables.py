"""Every table, in one place for migrations and tests."""

from sqlmodel import SQLModel

from schemas import (
    absence,
    access,
    attachments,
    desk,
    incidents,
    ledger,
    letter_events,
    meetings,
    notes,
    parties,
    people,
    subjects,
    supply,
    versions,
)

MODULES = (
    absence,
    access,
    attachments,
    desk,
    incidents,
    ledger,
    letter_events,
    meetings,
    notes,
    parties,
    people,
    subjects,
    supply,
    versions,
)
METADATA = SQLModel.metadata
