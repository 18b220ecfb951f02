"""Whether the signature on a claim is that of a process that has died."""

import multiprocessing
import os
import socket

from flows.identity import gone, me, new_token


def test_our_own_signature_is_alive() -> None:
    assert not gone(me())
    assert not gone(new_token())
    assert new_token() != new_token()


def test_a_dead_process_is_gone() -> None:
    process = multiprocessing.get_context("spawn").Process(target=os.getcwd)
    process.start()
    process.join()
    assert gone(f"{socket.gethostname()}/{process.pid}/0123abcd/1")


def test_an_earlier_process_with_our_number_is_gone() -> None:
    assert gone(f"{socket.gethostname()}/{os.getpid()}/another/1")


def test_a_live_process_is_not_gone() -> None:
    assert not gone(f"{socket.gethostname()}/{os.getppid()}/another/1")


def test_of_another_machine_nothing_is_known() -> None:
    assert not gone("elsewhere/999999/abc/1")
    assert not gone("")
    assert not gone("not a token")
