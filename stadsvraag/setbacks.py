"""Lives of played questions that end otherwise, or begin with a setback."""

from stadsvraag.life import Life
from stadsvraag.shares import ending
from stadsvraag.successes import completed

WHY = "De plannen zijn veranderd."


@ending
async def not_usable(life: Life) -> None:
    await life.decided()
    attempt = await life.offered()
    await attempt.until("deliver")
    await attempt.take(life.owner, "refuse_result", note="Het gaat over een andere wijk.")
    await life.step(life.coordinator, "unmatch", reason="Er is dit jaar geen plek meer.")


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
