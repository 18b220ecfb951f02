"""Every table, in one place for migrations and tests."""

from sqlmodel import SQLModel

from schemas import absence, access, incidents, ledger, parties, people, subjects, versions

MODULES = (absence, access, incidents, ledger, parties, people, subjects, versions)
METADATA = SQLModel.metadata
