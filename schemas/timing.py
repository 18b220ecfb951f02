"""Where the clock of a question or trajectory stands: when it began, when it stood still, how far it was extended.

Pure: what a step does to a clock is a function from one Timing to the next, the same for the step and for its replay.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Self

Pause = tuple[date, date]  # the days after the first up to and including the last do not count


@dataclass(frozen=True)
class Timing:
    """`began` is None where the clock simply began when the state was entered. `until`: suspended up to that day.

    `kept` is the clock of the state that the subject came from, which stands still since `left`.
    """

    began: date | None = None
    pauses: tuple[Pause, ...] = ()
    extra: int = 0  # working days
    until: date | None = None
    kept: tuple[str, date, "Timing"] | None = None
    by: date | None = None  # agreed on: the terms of this state end then, not when the table says

    @classmethod
    def of(cls, subject: object) -> Self:
        """The timing of anything that has a `clock`."""
        return cls.read(getattr(subject, "clock", None) or {})

    @classmethod
    def read(cls, kept: Mapping[str, Any]) -> Self:
        """From JSON, as `written` makes it."""
        held = kept.get("kept")
        return cls(
            _day(kept.get("began")),
            tuple((date.fromisoformat(first), date.fromisoformat(last)) for first, last in kept.get("pauses", ())),
            kept.get("extra", 0),
            _day(kept.get("until")),
            (held[0], date.fromisoformat(held[1]), cls.read(held[2])) if held else None,
            _day(kept.get("by")),
        )

    def written(self) -> dict[str, Any]:
        """As JSON; empty for a clock of which nothing special is to be told."""
        found: dict[str, Any] = {
            "began": self.began.isoformat() if self.began else None,
            "pauses": [[first.isoformat(), last.isoformat()] for first, last in self.pauses],
            "extra": self.extra,
            "until": self.until.isoformat() if self.until else None,
            "kept": [self.kept[0], self.kept[1].isoformat(), self.kept[2].written()] if self.kept else None,
            "by": self.by.isoformat() if self.by else None,
        }
        return {key: value for key, value in found.items() if value}

    def suspended(self, today: date, until: date) -> Self:
        return replace(self, pauses=(*self.pauses, (today, until)), until=until)

    def resumed(self, today: date) -> Self:
        """Going on today; a clock that was late to go on loses nothing by it."""
        if self.until is None:
            return self
        first = self.pauses[-1][0]
        return replace(self, pauses=(*self.pauses[:-1], (first, min(self.until, today))), until=None)

    def extended(self, days: int) -> Self:
        return replace(self, extra=self.extra + days)

    def moved(self, before: str, after: str, since: date, today: date, *, waits: tuple[bool, bool]) -> "Timing":
        """In another state. `waits`: whether the state before, and the one after, waits for the other side.

        `since` is the day on which the state before was entered.
        """
        kept = self.kept if waits[0] else None
        if kept and kept[0] == after:
            _, left, own = kept
            return replace(own, pauses=(*own.pauses, (left, today)))
        if not waits[1]:
            return Timing()
        own = replace(self.resumed(today), began=self.began or since, kept=None)
        return Timing(kept=kept or (before, today, own))


CHANGES: Mapping[str, Callable[[Timing, date, Mapping[str, Any]], Timing]] = {
    "suspend": lambda timing, today, needs: timing.suspended(today, date.fromisoformat(needs["resume_on"])),
    "resume": lambda timing, today, _: timing.resumed(today),
    "extend": lambda timing, _, needs: timing.extended(int(needs["working_days"])),
    "renew": lambda timing, _, __: timing,
    "answer": lambda timing, _, needs: replace(timing, by=_day(needs.get("answer_by"))),
}


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
