"""What benches leave on `docs/waiting.md`: each its own section, between two marks that name it."""

import re
from pathlib import Path

PAGE = Path(__file__).parents[1] / "docs" / "waiting.md"


def told(name: str, text: str, *, write: bool, page: Path = PAGE) -> None:
    """Print a section, and put it in its place on the page when asked. Raises ValueError for a page without it."""
    print(f"\n{text}")
    if not write:
        return
    begin, end = f"<!-- {name} -->", f"<!-- end of {name} -->"
    whole = page.read_text("utf-8")
    found = re.compile(f"{re.escape(begin)}.*?{re.escape(end)}", re.DOTALL)
    if not found.search(whole):
        raise ValueError(f"{page} has no place for {name}")
    page.write_text(found.sub(lambda _: f"{begin}\n{text.strip()}\n{end}", whole, count=1), "utf-8")
