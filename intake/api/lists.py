"""Lists in parts: which part was asked for, and where the next one is."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, TypeVar

from fastapi import Depends, Query, Request

from intake.api.shapes import Page

Item = TypeVar("Item")
LARGEST = 1000


@dataclass(frozen=True)
class Part:
    """The part of a list that a request asks for; pages count from 1."""

    request: Request
    page: int
    size: int

    @property
    def offset(self) -> int:
        return (self.page - 1) * self.size

    def of(self, items: Sequence[Item], total: int) -> Page[Item]:
        """This part as an answer; `items` is what is in it."""
        onward = self.request.url.include_query_params(page=self.page + 1, size=self.size)
        return Page(items=list(items), total=total, next=str(onward) if self.offset + self.size < total else None)

    def ended(self, items: Sequence[Item], total: int, place: str) -> Page[Item]:
        """This part as an answer; what follows, if anything does, is found by the place where this part ends."""
        onward = self.request.url.include_query_params(page=self.page + 1, size=self.size, after=place)
        return Page(items=list(items), total=total, next=str(onward) if place else None)

    def cut(self, items: Sequence[Item]) -> Page[Item]:
        """The asked part of a list that is here as a whole."""
        return self.of(items[self.offset : self.offset + self.size], len(items))


async def part(
    request: Request,
    page: Annotated[int, Query(ge=1, le=1_000_000)] = 1,
    size: Annotated[int, Query(ge=1, le=LARGEST)] = 50,
) -> Part:
    """For a list that may be long."""
    return Part(request, page, size)


async def whole(
    request: Request,
    page: Annotated[int, Query(ge=1, le=1_000_000)] = 1,
    size: Annotated[int, Query(ge=1, le=LARGEST)] = LARGEST,
) -> Part:
    """For a list that nearly always fits in one answer."""
    return Part(request, page, size)


Parts = Annotated[Part, Depends(part)]
Whole = Annotated[Part, Depends(whole)]
