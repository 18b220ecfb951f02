"""What machine a figure was made on."""

import os
import platform
from datetime import UTC, datetime
from pathlib import Path


def described() -> str:
    """Processor, cores, Python, day and how busy it was: one line above every table."""
    info = Path("/proc/cpuinfo")
    lines = info.read_text().splitlines() if info.exists() else []
    model = next((line.split(":")[1].strip() for line in lines if "model name" in line), platform.machine())
    return (f"{model}, {os.cpu_count()} cores, Python {platform.python_version()}, {datetime.now(UTC).date()}, "
            f"load before {os.getloadavg()[0]:.1f}")  # fmt: skip
