"""Whether a mail server can be reached, without a letter."""

from notifications.postbox import Postbox


async def trouble_with(smtp_url: str, seconds: float) -> str | None:
    """What is wrong with this server, in its own words where it has any; None when it greets us and lets us in."""
    try:
        async with Postbox(smtp_url, timeout=seconds) as box:
            return await box.trouble()
    except ValueError as error:
        return str(error)
