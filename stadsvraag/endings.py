"""The ways that played questions go: which, how often (endings.yaml), and what people do in each."""

from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from random import Random
from typing import Any

import yaml

from stadsvraag.life import Life
from stadsvraag.play import Stage

SHARES = Path(__file__).with_name("endings.yaml")
Ending = Callable[[Life], Awaitable[Any]]
ENDINGS: dict[str, Ending] = {}
WHY = "De plannen zijn veranderd."


def ending(function: Ending) -> Ending:
    """Register one way to go, under its name."""
    ENDINGS[function.__name__] = function
    return function


def shares() -> dict[str, int]:
    """How many of a hundred lives go which way."""
    read = yaml.safe_load(SHARES.read_text(encoding="utf-8"))["shares"]
    return {name: row["share"] for name, row in read.items()}


async def live(stage: Stage, topics: Mapping[str, Any], dice: Random, key: str) -> tuple[str, str]:
    """One question from the form to its end: which way it went, and the state it ended in."""
    found = shares()
    name = dice.choices([*found], [*found.values()])[0]
    life = Life(stage, topics, dice, key)
    await life.asks()
    await ENDINGS[name](life)
    return name, await life.state()


@ending
async def completed(life: Life) -> None:
    await life.decided()
    await life.answered()


@ending
async def revised(life: Life) -> None:
    await life.decided()
    attempt = await life.offered()
    await attempt.until("deliver")
    await attempt.take(life.owner, "ask_revision", note="De bijlage ontbreekt nog.")
    attempt.again("deliver")
    await attempt.until("clear lecturer")


@ending
async def elsewhere(life: Life) -> None:
    await life.decided()
    attempt = await life.offered()
    await attempt.take(attempt.broker, "decline", reason="Alle groepen zijn al verdeeld.")
    await life.answered()


@ending
async def cancelled(life: Life) -> None:
    await life.decided()
    attempt = await life.offered()
    await attempt.until("agree lecturer")
    await attempt.take(attempt.broker, "cancel", cause="no_students", reason="Er zijn te weinig inschrijvingen.")
    await attempt.take(life.owner, "prefer", way="other_institution")
    await life.answered()


@ending
async def not_usable(life: Life) -> None:
    await life.decided()
    attempt = await life.offered()
    await attempt.until("deliver")
    await attempt.take(life.owner, "refuse_result", note="Het gaat over een andere wijk.")
    await life.step(life.coordinator, "unmatch", reason="Er is dit jaar geen plek meer.")


@ending
async def impact(life: Life) -> None:
    await completed(life)
    await life.step(life.owner, "report_impact", used="yes", how="Het advies is overgenomen.")
    await life.step(life.coordinator, "close")


@ending
async def rejected(life: Life) -> None:
    await life.decided("reject", alternative="Vraag het een bureau.")


@ending
async def reopened(life: Life) -> None:
    await rejected(life)
    await life.step(life.coordinator, "reopen", reason="De situatie is veranderd.")
    await life.voted()
    await life.answered()


@ending
async def redirected(life: Life) -> None:
    partner = life.dice.choice(life.stage.who("partner"))
    await life.step(
        life.coordinator, "redirect", target=partner["organisation"], reason="Hier bestaan al cijfers over."
    )
    await life.step(partner, "pick_up", note="We nemen het mee.")


@ending
async def handed_back(life: Life) -> None:
    partner = life.dice.choice(life.stage.who("partner"))
    await life.step(
        life.coordinator, "redirect", target=partner["organisation"], reason="Hier bestaan al cijfers over."
    )
    await life.step(partner, "hand_back", reason="Deze cijfers verzamelen wij niet.")
    await completed(life)


@ending
async def merged(life: Life) -> None:
    first = life.ref
    other = await life.asks()
    life.ref = first
    await life.step(life.coordinator, "merge", other_question=other, reason="Het is dezelfde vraag.")
    life.ref = other
    await completed(life)
    life.ref = first


@ending
async def unmatched(life: Life) -> None:
    await life.decided()
    for _ in range(2):
        attempt = await life.offered()
        await attempt.take(attempt.broker, "decline", reason="Het past dit jaar niet.")
    await life.step(life.coordinator, "unmatch", reason="Er is dit jaar geen plek.")


@ending
async def withdrawn(life: Life) -> None:
    if life.dice.random() < 0.5:
        await life.decided()
        await (await life.offered()).until("take_on")
    await life.step(life.owner, "withdraw", reason=WHY)


@ending
async def held(life: Life) -> None:
    await life.step(life.coordinator, "hold", until=life.later(90), reason="Eerst beslist de raad.")
    await life.step(life.owner, "postpone", until=life.later(60))
    await life.step(life.coordinator, "wake")
    await completed(life)


@ending
async def clarified(life: Life) -> None:
    await life.step(life.coordinator, "ask_back", note="Over welke straten gaat het?")
    await life.step(life.owner, "clarify", answer="Over de straten rond het plein.")
    await completed(life)
