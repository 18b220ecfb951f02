"""A part of an installation and its children: `stadsvraag web` and `flows` are a parent and the process that works."""

import psutil

MEGABYTE = 1e6


def all_of(process: psutil.Process) -> list[psutil.Process]:
    """A process and its children, and theirs."""
    return [process, *process.children(recursive=True)]


def at_work(process: psutil.Process) -> psutil.Process:
    """The one that works: the child that was forked, else the process itself."""
    return next(iter(process.children()), process)


def memory(process: psutil.Process) -> float:
    """Megabytes that a part takes: what several processes share counts once (PSS)."""
    return float(sum(one.memory_full_info().pss for one in all_of(process)) / MEGABYTE)


def used(process: psutil.Process) -> float:
    """CPU seconds of a process, of its children, and of children that have ended."""
    total = 0.0
    for one in all_of(process):
        try:
            times = one.cpu_times()
        except psutil.NoSuchProcess:
            continue
        total += times.user + times.system
    ended = process.cpu_times()
    return float(total + ended.children_user + ended.children_system)
