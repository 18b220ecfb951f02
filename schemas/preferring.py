"""A coordinator knows better than the ranking: the offering that was chosen must be one that is offered."""

from schemas.case import Case
from schemas.effects import Given, effect, refuse
from schemas.parties import Offering


@effect("prefer")
async def prefer(case: Case, given: Given, role: str) -> None:
    """The choice itself stays in the ledger; matching reads it there, and learns from it."""
    for field in ("offering", "instead_of"):
        if given.get(field):
            found = await case.session.get(Offering, given[field])
            if not found or not found.offered:
                raise refuse(field, "unknown")
    if given["offering"] == given.get("instead_of"):
        raise refuse("instead_of", "same_offering")
