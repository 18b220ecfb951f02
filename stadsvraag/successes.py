"""Lives of played questions that lead to a result at once, or after another try."""

from stadsvraag.life import Life
from stadsvraag.shares import ending


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
    await attempt.take(life.owner, "choose_way", way="other_institution")
    await life.answered()


@ending
async def impact(life: Life) -> None:
    await completed(life)
    await life.step(life.owner, "report_impact", used="yes", how="Het advies is overgenomen.")
    await life.step(life.coordinator, "close")
