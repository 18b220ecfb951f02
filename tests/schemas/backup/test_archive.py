"""A file that was cut, changed or is none is refused in words; one that is not finished never gets its name."""

import gzip
import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from schemas.backup.archive import Contents, Unfit, verify, writing_to
from tests.schemas.backup.places import silent

ROWS = b"".join(b"%d\ta text that is the %dth of its kind\n" % (n, n) for n in range(200))


def made(path: Path) -> Path:
    contents = Contents("2026_11_24", "2026-11-24T09:00:00+00:00", "0.1.0", {"one": ["id", "text"]}, {"one": 200})
    with writing_to(path, contents) as writer:
        writer.table("one")
        writer.rows(ROWS)
        writer.end_table()
        writer.finish({"one": 210})
    return path


def test_whole(tmp_path: Path) -> None:
    path = made(tmp_path / "kept")
    found = verify(path, silent)
    assert (found.rows, found.sequences) == ({"one": 200}, {"one": 210})
    assert path.stat().st_mode & 0o077 == 0


@given(st.data())
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_one_byte_changed_or_any_part_missing_is_noticed(tmp_path: Path, data: st.DataObject) -> None:
    path = tmp_path / "kept"
    whole = gzip.decompress((path if path.exists() else made(path)).read_bytes())
    at = data.draw(st.integers(0, len(whole) - 1))
    cut = data.draw(st.booleans())
    changed = whole[:at] if cut else whole[:at] + bytes([whole[at] ^ data.draw(st.integers(1, 255))]) + whole[at + 1 :]
    broken = tmp_path / "broken"
    broken.write_bytes(gzip.compress(changed))
    with pytest.raises(Unfit):
        verify(broken, silent)


@pytest.mark.parametrize("content", [b"", b"hello", gzip.compress(b"hello\n"), gzip.compress(b"[1]\n")])
def test_something_else_is_no_backup(tmp_path: Path, content: bytes) -> None:
    (path := tmp_path / "other").write_bytes(content)
    with pytest.raises(Unfit, match="no backup of Stadsvraag"):
        verify(path, silent)


def test_a_file_of_a_later_format_is_told_apart(tmp_path: Path) -> None:
    whole = gzip.decompress(made(tmp_path / "kept").read_bytes())
    head, rest = whole.split(b"\n", 1)
    (path := tmp_path / "later").write_bytes(
        gzip.compress(json.dumps(json.loads(head) | {"format": 2}).encode() + b"\n" + rest)
    )
    with pytest.raises(Unfit, match="newer release"):
        verify(path, silent)


def test_what_breaks_off_leaves_nothing_and_nothing_is_overwritten(tmp_path: Path) -> None:
    contents = Contents("2026_11_24", "", "0.1.0", {})
    with pytest.raises(ZeroDivisionError), writing_to(tmp_path / "kept", contents):
        raise ZeroDivisionError
    assert list(tmp_path.iterdir()) == []
    made(tmp_path / "kept")
    with pytest.raises(FileExistsError):
        made(tmp_path / "kept")
