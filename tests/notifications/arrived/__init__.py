"""Messages as mail servers and people's programs make them, by hand: names, addresses and our letter's ID filled in."""

from pathlib import Path

ID, THREAD, TO = (
    "<0123456789abcdef@stad.example.org>",
    "<question.ES-2026-0001-K@stad.example.org>",
    "amira@example.org",
)
OURS = {"stadsvraag@example.org", "post@stad.example.org"}
FOLDER = Path(__file__).parent
NAMES = sorted(one.stem for one in FOLDER.glob("*.eml"))


def arrived(name: str, message_id: str = ID, to: str = TO, thread: str = THREAD) -> bytes:
    """One of them, as if it answered this letter."""
    written = (FOLDER / f"{name}.eml").read_text(encoding="utf-8")
    for mark, value in (("@@ID@@", message_id), ("@@TO@@", to), ("@@THREAD@@", thread)):
        written = written.replace(mark, value)
    return written.replace("\n", "\r\n").encode()
