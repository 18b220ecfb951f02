"""Which ports an embedded installation uses: picked once, remembered, and picked anew when somebody else has them."""

import json
import random
import socket
import time
from pathlib import Path

HOST = "127.0.0.1"
# Below the range from which systems take ports for outgoing connections, so that a remembered one stays free.
CHOICE = range(20000, 30000)
PATIENCE = 2.0  # seconds that processes killed a moment ago may need to let go of theirs


class PortTaken(RuntimeError):  # noqa: N818 - a state of affairs, said as one
    """Somebody else listens there."""


def free(port: int) -> bool:
    """Whether a server could listen there now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True


def need(port: int) -> None:
    """Waits a moment for the port that was asked for. Raises PortTaken."""
    deadline = time.monotonic() + PATIENCE
    while not free(port):
        if time.monotonic() > deadline:
            raise PortTaken(f"Port {port} is taken by another program. Choose one yourself: --port {pick({port})}")
        time.sleep(0.1)


def pick(taken: set[int]) -> int:
    """A free port that is not in `taken`."""
    return next(port for port in random.sample(CHOICE, len(CHOICE)) if port not in taken and free(port))


def ports(data: Path, web: int) -> dict[str, int]:
    """Ports of `web`, `smtp` and `prefect`, kept in data/ports.json; those of old where they are free."""
    file = data / "ports.json"
    found = _read(file)
    chosen = {"web": web}
    for name in ("smtp", "prefect"):
        old = found.get(name, 0)
        usable = old and old not in chosen.values() and free(old)
        chosen[name] = old if usable else pick(set(chosen.values()))
    draft = file.with_suffix(".new")
    draft.write_text(json.dumps(chosen), encoding="ascii")
    draft.replace(file)
    return chosen


def _read(file: Path) -> dict[str, int]:
    try:
        found = json.loads(file.read_text(encoding="ascii"))
    except (OSError, ValueError):
        return {}
    return {name: port for name, port in found.items() if isinstance(port, int)} if isinstance(found, dict) else {}
