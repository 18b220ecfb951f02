"""One trajectory of a played question, with the broker and lecturer of its institution."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from stadsvraag.life import Life

AGREEMENT = {
    "scope": "Onderzoek onder bewoners en een advies; geen uitvoering.", "product": "Een advies met een kaart",
    "contacts": "Start, halverwege en eindpresentatie", "ip": "shared", "confidentiality": "open",
    "privacy": "no_personal_data", "costs": "Geen", "publishing": "full",
}  # fmt: skip
HAPPY = ("take_on", "place", "agree owner", "agree lecturer", "start", "report_midterm", "deliver", "accept_result",
         "clear owner", "clear lecturer")  # fmt: skip
Person = Mapping[str, str]


class Attempt:
    """One trajectory of it, with the broker and lecturer of its institution."""

    def __init__(self, life: "Life", ref: str, chosen: Mapping[str, Any]) -> None:
        self.life, self.path, self.chosen, self.done = life, f"/trajectories/{ref}", chosen, 0
        stage, dice = life.stage, life.dice
        self.broker = dice.choice(stage.who("broker", chosen["institution"]))
        self.lecturer = dice.choice(stage.who("lecturer", chosen["institution"]))
        self.students = dice.randint(4, 24)

    async def until(self, last: str) -> None:
        """The happy way on from where it is, up to and including this."""
        end = HAPPY.index(last) + 1
        for name in HAPPY[self.done : end]:
            step, _, whose = name.partition(" ")
            person = {"owner": self.life.owner, "lecturer": self.lecturer}.get(whose) or self._who(step)
            await self.take(person, step, **self._needs(step))
        self.done = end

    async def take(self, person: Person, step: str, **needs: Any) -> None:
        await self.life.step(person, step, self.path, **needs)

    def again(self, step: str) -> None:
        """It has gone back to before this step."""
        self.done = HAPPY.index(step)

    def _who(self, step: str) -> Person:
        return (
            self.broker
            if step in ("take_on", "place")
            else self.life.owner
            if step == "accept_result"
            else self.lecturer
        )

    def _needs(self, step: str) -> dict[str, Any]:
        topics, dice = self.life.topics, self.life.dice
        needs: dict[str, dict[str, Any]] = {
            "place": {"offering": self.chosen["offering"], "term": self.chosen["edition"],
                      "lecturer_name": self.lecturer["name"], "lecturer_email": self.lecturer["email"]},
            "agree": AGREEMENT, "start": {"students_expected": self.students},
            "report_midterm": {"progress": "on_track"},
            "deliver": {"summary": topics["result"], "links": ["https://results.example.org/report"],
                        "students_hbo": self.students, "hours": self.students * 80, "ec": 5},
            "accept_result": {"intended_use": topics["use"], "useful": str(dice.randint(3, 5)), "contact_good": "5",
                              "again": "yes"},
            "clear": {"clearance": "ok"},
        }  # fmt: skip
        return needs.get(step, {})
