"""What the files for operators say: every command and every setting in them, wherever they stand."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from tests.databases import ROOT

DEPLOY = ROOT / "deploy"
GUIDE = ROOT / "docs" / "operating.md"
UNITS = sorted((DEPLOY / "systemd").iterdir())


class Said(NamedTuple):
    """Something that a file says."""

    where: str
    what: Any


def directives(unit: Path) -> list[tuple[str, str, str]]:
    """Section, name and value of each line of a unit."""
    found, section = [], ""
    for line in unit.read_text(encoding="utf-8").splitlines():
        if line.startswith("["):
            section = line.strip("[]")
        elif line and not line.startswith("#"):
            name, _, value = line.partition("=")
            found.append((section, name, value))
    return found


def compose() -> dict[str, Any]:
    """The services and the rest, anchors merged."""
    read: dict[str, Any] = yaml.safe_load((DEPLOY / "compose.yaml").read_text(encoding="utf-8"))
    return read


def commands() -> Iterator[Said]:
    """Each command of ours or of Prefect, as words."""
    yield from (one for one in [*_in_units(), *_in_images(), *_in_guide()] if one.what[0] in ("stadsvraag", "prefect"))


def _in_units() -> Iterator[Said]:
    for unit in UNITS:
        for _, name, value in directives(unit):
            if name.startswith("ExecStart"):
                words = shlex.split(value)
                yield Said(unit.name, [words[0].rpartition("/")[2], *words[1:]])


def _in_images() -> Iterator[Said]:
    for name, service in compose()["services"].items():
        yield Said(f"compose.yaml: {name}", service.get("command") or [""])
    for line in (DEPLOY / "Containerfile").read_text(encoding="utf-8").splitlines():
        if line.startswith("CMD "):
            yield Said("Containerfile", yaml.safe_load(line.removeprefix("CMD ")))


def _in_guide() -> Iterator[Said]:
    for block in re.findall(r"```sh\n(.*?)```", GUIDE.read_text(encoding="utf-8"), re.DOTALL):
        for line in filter(None, map(str.strip, block.splitlines())):
            yield Said(GUIDE.name, shlex.split(line.split(" #")[0]))


def names() -> Iterator[Said]:
    """Each STADSVRAAG_… and PREFECT_… in any of the files."""
    files = [path for path in DEPLOY.rglob("*") if path.is_file()]
    for path in [*files, GUIDE]:
        for name in re.findall(r"(?:STADSVRAAG|PREFECT)_[A-Z_]+[A-Z]", path.read_text(encoding="utf-8")):
            yield Said(path.name, name)
