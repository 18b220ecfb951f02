"""The house rules for what is in the repository."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from statistics import median

import pytest

from tests.source import ROOMS, ROOT, committed, name_of, python_files, tree

LONGEST_FILE, LONGEST_FUNCTION = 250, 40
FORBIDDEN_NAMES = {"utils", "util", "helpers", "helper", "common", "core", "base", "manager", "misc"}
BINARY = {".png", ".ico", ".woff2", ".jpg", ".mo", ".xlsx", ".db", ".backup"}
VENDORED = "intake/static/vendor/"
GIVEN = {"LICENSE", "uv.lock"}
MACHINE = re.compile(r"(?<![\w/.])/(?:work|farm|root|home/\w+|Users/\w+)/", re.IGNORECASE)
UNDONE = re.compile(r"\b(?:TO" + r"DO|FIX" + r"ME|XX" + r"X|HA" + r"CK)\b")
SECRET = re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY|ghp_\w{20}|AKIA[0-9A-Z]{16}|xox[bp]-\w{10}")


def texts() -> Iterator[tuple[Path, str]]:
    """Every text of ours."""
    for path in committed():
        if path.suffix not in BINARY and not name_of(path).startswith(VENDORED):
            yield path, path.read_text(encoding="utf-8")


def functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def length(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    return (node.end_lineno or node.lineno) - node.lineno + 1


def test_no_file_says_nothing_by_its_name() -> None:
    found = [name_of(path) for path in committed() if path.stem.lower() in FORBIDDEN_NAMES]
    assert [name for name in found if not name.startswith(VENDORED)] == []


@pytest.mark.parametrize("path", python_files(), ids=name_of)
def test_files_and_functions_stay_short(path: Path) -> None:
    lines = path.read_text(encoding="utf-8").count("\n")
    generated = name_of(path).startswith("schemas/migrations/versions/")
    assert lines <= LONGEST_FILE or generated
    long = {node.name: length(node) for node in functions(path) if length(node) > LONGEST_FUNCTION}
    assert long == {} or generated


def test_most_files_and_functions_are_shorter_still() -> None:
    ours = [path for path in python_files(*ROOMS) if "versions" not in path.parts]
    assert median(path.read_text(encoding="utf-8").count("\n") for path in ours) <= 85
    assert median(length(node) for path in ours for node in functions(path)) <= 10


def test_every_part_says_what_it_is() -> None:
    silent = [
        name_of(path) for path in python_files(*ROOMS) if path.stat().st_size and not ast.get_docstring(tree(path))
    ]
    assert silent == []


def test_nothing_is_left_undone() -> None:
    assert [f"{name_of(path)}: {found.group()}" for path, text in texts() if (found := UNDONE.search(text))] == []


def test_no_path_of_somebodys_machine() -> None:
    found = [
        f"{name_of(path)}:{text[: hit.start()].count(chr(10)) + 1}: {hit.group()}"
        for path, text in texts()
        if name_of(path) not in GIVEN
        for hit in MACHINE.finditer(text)
        if path != Path(__file__)
    ]
    assert found == []


def test_requirements_name_no_registry_and_every_file_has_its_hash() -> None:
    for name in ("requirements.txt", "requirements-dev.txt"):
        text = (ROOT / name).read_text(encoding="utf-8")
        assert "://" not in text
        assert not re.search(r"^\s*--?(?:index|extra-index|find-links|trusted-host|[if]\b)", text, re.MULTILINE)
        pins = re.split(r"\n(?=\S)", text.strip())
        pins = [pin for pin in pins if not pin.startswith("#")]
        assert len(pins) > 50
        assert [pin.split()[0] for pin in pins if "==" not in pin or "--hash=sha256:" not in pin] == []


def test_no_lock_file_with_the_address_of_a_registry() -> None:
    assert [name_of(path) for path in committed() if path.name in ("uv.lock", "pylock.toml", "poetry.lock")] == []


def test_no_secret() -> None:
    assert [name_of(path) for path, text in texts() if SECRET.search(text)] == []


def test_example_people_have_example_addresses() -> None:
    found = {
        f"{name_of(path)}: {address}"
        for path, text in texts()
        if name_of(path).startswith(("cities/", "tests/cities/", "notifications/", "schemas/", "intake/", "flows/"))
        for address in re.findall(r"[\w.+-]+@([\w-]+(?:\.[\w-]+)+)", text)
        if not address.endswith(("example.org", "city.nl", "gemeente.nl"))
    }
    assert found == set()
