"""Which box mail comes into, read from one setting."""

from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

from notifications.imap import Imap, Where
from notifications.inbox import Inbox, Maildir

EXAMPLE = "/var/mail/stadsvraag or imaps://user:secret@mail.example.org/INBOX?done=Stadsvraag"
MODES = {"imaps": ("tls", 993), "imap+starttls": ("starttls", 143), "imap": ("none", 143)}


def inbox_of(where: str) -> Inbox:
    """The box that a setting names. Raises ValueError, which never repeats the secret."""
    if "://" not in where:
        return Maildir(Path(where))
    try:
        parts = urlsplit(where.strip())
        port, asked = parts.port, dict(parse_qsl(parts.query, strict_parsing=bool(parts.query)))
    except ValueError as fault:
        raise ValueError(f"The inbox cannot be read. It should look like {EXAMPLE}") from fault
    done = asked.pop("done", "Stadsvraag")
    if parts.scheme not in MODES or not parts.hostname or not parts.username or asked:
        raise ValueError(f"The inbox should look like {EXAMPLE}")
    tls, usual = MODES[parts.scheme]
    folder = unquote(parts.path.strip("/")) or "INBOX"
    if folder == done:
        raise ValueError("The folder for what has been read cannot be the one that is read")
    server = Where(parts.hostname, port or usual, tls, unquote(parts.username), unquote(parts.password or ""))
    return Imap(server, folder, done)
