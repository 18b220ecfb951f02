"""Who is at work: what a process signs its claims and its Prefect runs with, and whether it still lives."""

import os
import socket
from functools import cache
from uuid import uuid4


@cache
def _nonce(_pid: int) -> str:
    # A process id comes round again, in a container even at once.
    return uuid4().hex[:8]


def me() -> str:
    """`<host>/<process id>/<nonce>` of this process."""
    pid = os.getpid()
    return f"{socket.gethostname()}/{pid}/{_nonce(pid)}"


def new_token() -> str:
    """A fencing token: who took the rows, and in which run."""
    return f"{me()}/{uuid4().hex[:12]}"


def gone(signed: str) -> bool:
    """Whether the process that signed so is certainly dead; of other machines we cannot know."""
    host, pid, nonce, *_ = [*signed.split("/"), "", "", ""]
    if host != socket.gethostname() or not pid.isdigit():
        return False
    if int(pid) == os.getpid():
        return nonce != _nonce(os.getpid())
    try:
        os.kill(int(pid), 0)
    except OSError as error:
        return isinstance(error, ProcessLookupError)
    return False
