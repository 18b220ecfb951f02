"""Every table, in one place for migrations and tests."""

from sqlmodel import SQLModel

from schemas import (
    absence,
    access,
    attachments,
    incidents,
    ledger,
    meetings,
    notes,
    parties,
    people,
    subjects,
    versions,
)

MODULES = (absence, access, attachments, incidents, ledger, meetings, notes, parties, people, subjects, versions)
METADATA = SQLModel.metadata
