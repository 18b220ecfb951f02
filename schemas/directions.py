"""A city's rule for which kind of education suits a question."""

from pydantic import BaseModel, ConfigDict, Field, field_validator

from schemas.needs import ROUTES


class Direction(BaseModel):
    """Questions about up to so many disciplines go this way; the row without a number is for all others."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    up_to: int | None = Field(default=None, ge=1)
    route: str

    @field_validator("route")
    @classmethod
    def is_a_route(cls, route: str) -> str:
        if route not in ROUTES:
            raise ValueError(f"{route!r} is not a route; choose one of {', '.join(ROUTES)}")
        return route
