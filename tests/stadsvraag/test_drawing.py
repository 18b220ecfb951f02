"""The README shows the process as it is."""

from pathlib import Path

from stadsvraag.drawing import drawing

README = Path(__file__).resolve().parents[2] / "README.md"


def test_the_readme_shows_the_process_as_the_table_has_it() -> None:
    shown = (
        README.read_text(encoding="utf-8").split("<!-- process:")[1].split("-->", 1)[1].split("<!-- /process -->")[0]
    )
    assert shown.strip() == drawing(), "put the output of `stadsvraag process` into README.md"
