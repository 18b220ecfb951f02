"""The set-up script, run for real on a list without packages, so that nothing is downloaded."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from stadsvraag.embedded import ROOT

ENV = {**os.environ, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}  # uv, where it is installed


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project of one command that says what it was called with, in a folder with a space in its name."""
    made = tmp_path / "my projects"
    (made / "stadsvraag").mkdir(parents=True)
    for name in ("setup", "run"):
        shutil.copy(ROOT / name, made / name)
    for name in ("requirements.txt", "requirements-dev.txt"):
        (made / name).write_text("# nothing\n")
    (made / "stadsvraag" / "__init__.py").touch()
    (made / "stadsvraag" / "__main__.py").write_text("import sys\n\ndef main():\n    print(sys.argv[1:])\n")
    return made


def test_set_up_once_then_at_once(project: Path, tmp_path: Path) -> None:
    both = [subprocess.Popen([project / "setup", "dev"], env=ENV, stderr=subprocess.PIPE, text=True) for _ in range(2)]
    said = [one.communicate(timeout=120)[1] for one in both]
    assert [one.returncode for one in both] == [0, 0], said
    assert sum("installing" in one for one in said) == 1, said

    again = subprocess.run(
        [project / "run", "--data", "a b"], env=ENV, cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert again.stdout == "['up', '--data', 'a b']\n"
    assert again.stderr == ""

    (project / "requirements.txt").write_text("# something else\n")
    changed = subprocess.run([project / "setup"], env=ENV, capture_output=True, text=True, check=True)
    assert "installing" in changed.stderr


def test_what_cannot_be_installed_is_tried_twice_and_told(project: Path) -> None:
    (project / "requirements.txt").write_text("./not-here-1.0-py3-none-any.whl --hash=sha256:00\n")
    failed = subprocess.run([project / "setup"], env=ENV, cwd=project, capture_output=True, text=True, check=False)
    assert failed.returncode == 1
    assert "trying once more" in failed.stderr
    assert "could not be installed" in failed.stderr
    assert not (project / ".venv" / ".stamp-run").exists()


def test_without_python_it_says_what_to_install(project: Path, tmp_path: Path) -> None:
    tools = tmp_path / "tools"
    tools.mkdir()
    for name in ("sh", "dirname", "cksum", "cat"):
        found = shutil.which(name)
        assert found
        (tools / name).symlink_to(found)
    failed = subprocess.run([project / "run"], env={"PATH": str(tools)}, capture_output=True, text=True, check=False)
    assert failed.returncode == 1
    assert "Python 3.11 or newer is needed" in failed.stderr
    assert "apt install python3 python3-venv" in failed.stderr
