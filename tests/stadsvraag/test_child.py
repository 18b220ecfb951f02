"""The log of a child stays short while the child goes on writing to it."""

import os
from pathlib import Path

from stadsvraag.child import LOG_BYTES, Child, Ward
from tests.stadsvraag.house import wait_for


def test_a_long_log_is_set_aside_and_goes_on(tmp_path: Path) -> None:
    log = tmp_path / "web.log"
    log.write_bytes(b"x" * LOG_BYTES + b"\n")
    writes = f"while [ ! -e {tmp_path}/set-aside ]; do sleep 0.02; done; echo after; sleep 600"
    ward = Ward(Child("web", ["/bin/sh", "-c", writes], os.environ), log)
    ward.tend(set())
    assert log.stat().st_size == 0
    assert (tmp_path / "web.log.1").stat().st_size > LOG_BYTES
    (tmp_path / "set-aside").touch()
    assert wait_for(lambda: log.read_text() == "after\n")
    ward.stop(lambda seconds: None)
