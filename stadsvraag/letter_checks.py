"""What `stadsvraag check` asks about letters and mail: each says what is wrong and how it is mended, or None."""

import asyncio
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncEngine

PATIENCE = 5.0  # seconds for each thing that is asked over the network


def texts() -> str | None:
    """Every letter of the process can be written."""
    from notifications.letters import LANGUAGES, compiled
    from schemas.process import MACHINES

    for name in sorted({letter for machine in MACHINES.values() for letter in machine.letters()}):
        for language in LANGUAGES:
            try:
                compiled(name, language)
            except (LookupError, ValueError) as error:
                return f"{error}. Mend notifications/texts/{language}/{name}.txt."
    return None


def own_texts() -> str | None:
    """The city's own texts of letters fit this release."""
    from intake.texts.standing import Standing
    from schemas.database import reading
    from schemas.letter_texts import live_versions
    from stadsvraag import session

    async def look(engine: "AsyncEngine") -> list[str]:
        async with reading(engine) as found:
            live = await live_versions(found)
        return [name for name, one in sorted(live.items()) if Standing(name, one).broken]

    names = ", ".join(asyncio.run(session.engine(look)))
    return (
        f"the city's own text of {names} no longer fits; the standard text is sent. Mend it on /texts."
        if names
        else None
    )


def mail() -> str | None:
    """The mail server takes us."""
    from notifications.reach import trouble_with
    from schemas.settings import settings

    url = settings().smtp_url.get_secret_value()
    fault = asyncio.run(trouble_with(url, PATIENCE))
    where = f"{urlsplit(url).hostname}:{urlsplit(url).port or 25}"
    return f"the mail server at {where} cannot be used: {fault}. Check STADSVRAAG_SMTP_URL." if fault else None


def inbox() -> str | None:
    """Where mail that comes in is read; nothing to look at where it is not."""
    from notifications.inboxes import inbox_of
    from schemas.settings import settings

    where = settings().inbox.get_secret_value()
    try:
        if where:
            inbox_of(where).waiting()
    except (OSError, ValueError) as error:
        return f"cannot be read: {in_short(error)}. Check STADSVRAAG_INBOX, and who may read and write there."
    return None


def in_short(error: BaseException) -> str:
    """One line of a fault, or its kind."""
    return (str(error).splitlines() or [type(error).__name__])[0] or type(error).__name__
