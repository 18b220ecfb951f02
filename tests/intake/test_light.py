"""A web process carries nothing that it does not use."""

import subprocess
import sys

LOOK = "import sys; from intake.app import create_app; create_app(); print(*{m.split('.')[0] for m in sys.modules})"


def test_web_processes_do_not_load_prefect() -> None:
    loaded = subprocess.run([sys.executable, "-c", LOOK], capture_output=True, text=True, check=True).stdout.split()
    assert "fastapi" in loaded
    assert not {"prefect", "flows", "alembic", "typer", "openpyxl", "aiosmtpd"} & set(loaded)
