"""A city's own form for its letters: the hours in which those that can wait do not arrive, and when digests go."""

from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, StringConstraints
from pydantic.functional_validators import model_validator

Hour = Annotated[str, StringConstraints(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")]


class Post(BaseModel):
    """When letters that ask nothing of anybody may arrive, and when those that are kept together go.

    Without quiet hours they go at any hour; hours that end earlier than they begin go past midnight.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    quiet_from: Hour | None = None
    quiet_until: Hour | None = None
    closed_days: bool = False  # nothing of the kind in weekends and on days on which everybody's clock stands still
    digest_at: Hour = "08:00"
    digest_on: Literal["monday", "tuesday", "wednesday", "thursday", "friday"] = "monday"  # the weekly one

    @model_validator(mode="after")
    def both_or_none(self) -> Self:
        if (self.quiet_from is None) != (self.quiet_until is None):
            raise ValueError("quiet_from and quiet_until belong together; write both or leave both out")
        return self
