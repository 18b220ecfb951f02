"""The source as data, for the tests that hold the house rules: which files there are, and what each imports."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from subprocess import run

ROOT = Path(__file__).parents[1]
ROOMS = ("schemas", "matching", "notifications", "reports", "flows", "intake", "stadsvraag")


@cache
def committed() -> tuple[Path, ...]:
    """Every file that git keeps, or would keep; of a copy without git, every file."""
    listed = run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    if listed.returncode:
        skipped = {".venv", ".git", "var", "__pycache__", "node_modules", ".pytest_cache", ".mypy_cache", ".ruff_cache"}
        return tuple(path for path in ROOT.rglob("*") if path.is_file() and not skipped & set(path.parts))
    return tuple(path for name in listed.stdout.split("\0") if name and (path := ROOT / name).is_file())


def python_files(*folders: str) -> list[Path]:
    """The Python files of these top folders; of all of them when none is named."""
    return [
        path
        for path in committed()
        if path.suffix == ".py" and (not folders or path.relative_to(ROOT).parts[0] in folders)
    ]


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), str(path))


def imports(path: Path) -> Iterator[str]:
    """Every module that a file imports anywhere in it, relative ones written out: `schemas.steps`."""
    package = path.relative_to(ROOT).parts[:-1]
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            yield from (one.name for one in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = ".".join(package[: len(package) - node.level + 1]) if node.level else ""
            module = ".".join(part for part in (base, node.module) if part)
            yield module
            yield from (f"{module}.{one.name}" for one in node.names)


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()
