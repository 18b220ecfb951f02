"""A city is data: no code, page or letter names one. Examples for the gallery of letters may."""

import re
from pathlib import Path

from schemas.cities import read_city

ROOT = Path(__file__).parents[2]
ROOMS = ("schemas", "matching", "notifications", "flows", "intake", "stadsvraag")
KINDS = {".py", ".html", ".txt", ".j2", ".yaml", ".po", ".css", ".js", ".toml"}
ALLOWED = re.compile(r"cities/twente")  # the folder that is loaded when nothing else is asked


def _names() -> re.Pattern[str]:
    city = read_city(ROOT / "cities" / "twente")
    ids = {part for row in city.organisations for part in row.id.split("-") if len(part) > 4 and row.kind != "partner"}
    return re.compile("|".join(sorted(ids)), re.IGNORECASE)


def _files() -> list[Path]:
    found = [path for room in ROOMS for path in (ROOT / room).rglob("*") if path.suffix in KINDS]
    return [path for path in found if not {"examples", "vendor", "node_modules"} & {*path.parts}]


def test_nothing_but_data_names_a_city_or_an_institution() -> None:
    names, files = _names(), _files()
    assert names.search("Gemeente Hengelo")
    assert len(files) > 50
    guilty = [
        f"{path.relative_to(ROOT)}:{n}: {line.strip()[:80]}"
        for path in files
        for n, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1)
        if names.search(ALLOWED.sub("", line))
    ]
    assert guilty == []
