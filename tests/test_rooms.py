"""The rooms: who may import whom, and which library lives where."""

import ast
import re
import sys
import tomllib
from importlib.metadata import packages_distributions as packages
from pathlib import Path

import pytest

from tests.source import ROOMS, ROOT, imports, name_of, python_files, tree

MAY: dict[str, set[str]] = {
    "schemas": set(),
    "matching": {"schemas"},
    "notifications": {"schemas"},
    "reports": {"schemas"},
    "flows": {"schemas", "matching", "notifications", "reports"},
    "intake": {"schemas", "matching", "reports"},
    "stadsvraag": {"schemas", "matching", "notifications", "reports", "flows", "intake"},
    "tests": {*ROOMS, "bench"},
    "bench": {*ROOMS, "tests"},
}
EXCEPT = {
    ("intake/preview.py", "notifications"): "the page shows each letter before it is owed",
    ("intake/texts/", "notifications"): "there the texts of letters are written, and looked at as letters",
}
LIVES_IN = {
    "alembic": "schemas",
    "pydantic_settings": "schemas",
    "holidays": "schemas",
    "stdnum": "schemas",
    "puremagic": "intake",
    "prefect": "flows",
    "fastapi": "intake",
    "starlette": "intake",
    "jinja2": "intake notifications",
    "babel": "intake notifications reports",
    "prometheus_client": "intake/metrics.py",
    "aiosmtplib": "notifications/postbox.py",
    "dns": "notifications/sender.py",
    "flufl": "notifications/returned.py",
    "imapclient": "notifications/imap.py",
    "nh3": "notifications/plain.py",
    "icalendar": "notifications",
    "mrml": "notifications",
    "pyphen": "notifications",
    "typst": "reports",
    "typer": "stadsvraag",
    "openpyxl": "stadsvraag intake",
    "aiosmtpd": "stadsvraag",
}
MADE_OF = {"starlette", "markupsafe"}  # FastAPI and Jinja2 hand out objects of these
FILES = pytest.mark.parametrize("path", python_files(*ROOMS), ids=name_of)


def room(path: Path) -> str:
    return name_of(path).split("/")[0]


def excepted(path: Path, other: str) -> bool:
    """A file, or every file of a folder whose name ends in a slash."""
    return any(name_of(path) == name or (name.endswith("/") and name_of(path).startswith(name))
               for name, room in EXCEPT if room == other)  # fmt: skip


@FILES
def test_a_room_imports_only_the_rooms_that_it_may(path: Path) -> None:
    own = room(path)
    for module in imports(path):
        other = module.split(".")[0]
        if other in MAY and other != own and not excepted(path, other):
            assert other in MAY[own], f"{name_of(path)} imports {module}"


@FILES
def test_a_library_is_used_only_where_it_lives(path: Path) -> None:
    for module in imports(path):
        home = LIVES_IN.get(module.split(".")[0])
        assert home is None or {room(path), name_of(path)} & set(home.split()), f"{name_of(path)} imports {module}"


@FILES
def test_tables_are_only_in_schemas(path: Path) -> None:
    tables = [
        node.name
        for node in ast.walk(tree(path))
        if isinstance(node, ast.ClassDef)
        and any(word.arg == "table" and getattr(word.value, "value", False) for word in node.keywords)
    ]
    assert not tables or room(path) == "schemas", f"{name_of(path)} has tables of its own: {tables}"


def test_every_exception_is_still_needed() -> None:
    for name, other in EXCEPT:
        files = [path for path in python_files() if name_of(path).startswith(name)]
        assert any(module.split(".")[0] == other for path in files for module in imports(path)), name


def test_every_library_that_lives_somewhere_is_used_there() -> None:
    for library, homes in LIVES_IN.items():
        for home in homes.split():
            files = [path for path in python_files(*ROOMS) if home in (room(path), name_of(path))]
            assert any(library == module.split(".")[0] for path in files for module in imports(path)), (library, home)


def test_only_what_is_declared_is_imported() -> None:
    """Nothing comes in by the back door of another library's requirements."""
    lines = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["dependencies"]
    declared = {re.split(r"[^\w.-]", line)[0] for line in lines} | MADE_OF
    declared = {re.sub("[._]", "-", name.lower()) for name in declared}
    owners = {module: {re.sub("[._]", "-", name.lower()) for name in names} for module, names in packages().items()}
    for module in {module.split(".")[0] for path in python_files(*ROOMS) for module in imports(path)}:
        if module and module not in sys.stdlib_module_names and module not in ROOMS:
            assert owners[module] & declared, module


def test_the_wheel_holds_the_rooms_and_nothing_else() -> None:
    built = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["uv"]["build-backend"]
    assert sorted(built["module-name"]) == sorted(ROOMS)
    assert all((ROOT / room / "__init__.py").is_file() for room in ROOMS)
