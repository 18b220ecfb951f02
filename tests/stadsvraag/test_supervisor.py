"""Real processes, really killed: what the supervisor keeps alive, and that it leaves nothing behind."""

import os
import signal
import sys
import time

import psutil  # type: ignore[import-untyped]

from tests.stadsvraag.house import House, lives, wait_for


def test_a_child_that_dies_is_started_again_and_its_own_children_end(house: House) -> None:
    house.start(house.family("web"))
    first = house.pids("web")
    os.kill(first[0], signal.SIGKILL)
    second = house.pids("web", other_than=first)
    wait_for(lambda: not any(map(lives, first)), "the offspring of the dead child lives on")
    assert all(map(lives, second))
    assert "ended with -9; again in 0.2 s" in house.log("web")


def test_it_tries_again_ever_more_slowly(house: House) -> None:
    house.start({"name": "web", "argv": ["/bin/sh", "-c", "echo I am broken; exit 3"]})
    wait_for(lambda: "again in 0.8 s" in house.log("web"))
    assert [line.split("UTC: ")[1] for line in house.log("web").splitlines() if "ended" in line] == [
        "ended with 3; again in 0.2 s", "ended with 3; again in 0.4 s", "ended with 3; again in 0.8 s",
    ]  # fmt: skip
    assert "I am broken" in house.log("web")


def test_a_program_that_is_not_there_does_not_end_the_others(house: House) -> None:
    supervisor = house.start({"name": "web", "argv": ["/nowhere/at/all"]}, house.family("flows"))
    house.pids("flows")
    wait_for(lambda: "cannot be started" in house.log("web"))
    assert supervisor.poll() is None


def test_sigterm_stops_all_and_theirs(house: House) -> None:
    supervisor = house.start(house.family("web"), house.family("flows"))
    everybody = house.pids("web") + house.pids("flows")
    supervisor.terminate()
    assert supervisor.wait(60) == 0
    assert not any(map(lives, everybody))


def test_the_last_started_stops_first_and_the_stubborn_are_killed(house: House) -> None:
    order = house.data / "order"
    polite = f"trap 'echo polite >>{order}; exit 0' TERM; while :; do sleep 0.05; done"
    stubborn = f"trap 'echo stubborn >>{order}' TERM; touch {house.data}/up; while :; do sleep 0.05; done"
    supervisor = house.start(
        {"name": "one", "argv": ["/bin/sh", "-c", polite]},
        {"name": "two", "argv": ["/bin/sh", "-c", stubborn], "grace": 0.5},
    )
    wait_for((house.data / "up").exists)
    asked = time.monotonic()
    supervisor.send_signal(signal.SIGHUP)
    assert supervisor.wait(60) == 0
    assert time.monotonic() - asked >= 0.5
    assert order.read_text().split() == ["stubborn", "polite"]


def test_kill_9_of_the_supervisor_leaves_nobody(house: House) -> None:
    supervisor = house.start(house.family("web"), house.family("flows"))
    everybody = house.pids("web") + house.pids("flows")
    everybody += [one.pid for one in psutil.Process(supervisor.pid).children(recursive=True)]
    supervisor.kill()
    wait_for(lambda: not any(map(lives, everybody)), "somebody outlived the supervisor")


def test_a_killed_watch_is_replaced(house: House) -> None:
    supervisor = house.start(house.family("web"))
    first = house.pids("web")
    watch = next(one for one in psutil.Process(supervisor.pid).children() if one.pid != first[0])
    watch.kill()
    os.kill(first[0], signal.SIGKILL)
    second = house.pids("web", other_than=first)
    supervisor.kill()
    wait_for(lambda: not any(map(lives, second)), "nobody watched any more")


def test_signals_ignored_by_whoever_started_it_work_again(house: House) -> None:
    # What a shell script does to everything that it starts with `&`.
    def deafen() -> None:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})

    says = (
        "import signal as s; print(s.getsignal(s.SIGINT) is s.SIG_IGN, s.pthread_sigmask(0, []), flush=True); s.pause()"
    )
    supervisor = house.start({"name": "web", "argv": [sys.executable, "-c", says]}, before=deafen)
    wait_for(lambda: "False set()" in house.log("web"), house.log("web"))
    supervisor.send_signal(signal.SIGINT)
    assert supervisor.wait(60) == 0


def test_one_waits_until_another_is_ready(house: House) -> None:
    house.start({**house.family("web"), "ready": "open"}, {**house.family("flows"), "after": ["web"]})
    house.pids("web")
    time.sleep(0.7)
    assert not (house.data / "flows.pids").exists()
    (house.data / "open").touch()
    assert house.pids("flows")


def test_a_directory_has_one_supervisor_also_after_kill_9(house: House) -> None:
    first = house.start(house.family("web"))
    house.pids("web")
    second = house.start(house.family("web"))
    assert second.wait(60) == 1
    assert second.stderr is not None
    said = second.stderr.read()
    assert f"process {first.pid}" in said
    assert str(house.data) in said
    assert "--data" in said
    first.kill()
    first.wait()
    third = house.start(house.family("flows"))
    house.pids("flows")
    assert third.poll() is None


def test_idle_it_costs_nothing(house: House) -> None:
    supervisor = psutil.Process(house.start(house.family("web")).pid)
    house.pids("web")
    time.sleep(0.5)
    before = sum(supervisor.cpu_times()[:2])
    time.sleep(2)
    assert sum(supervisor.cpu_times()[:2]) - before <= 0.02
    assert supervisor.memory_info().rss < 40e6
