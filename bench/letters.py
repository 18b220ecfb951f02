"""How many letters a second: rendered, composed, and handed to a real SMTP server on this machine.

`python -m bench.letters [--seconds 3]` prints a table. The server is aiosmtpd in a process of its own, so on two cores
it has one and we have the other; the bare rate is aiosmtplib sending one ready-made message over and over.
"""

import argparse
import asyncio
import multiprocessing
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from multiprocessing.synchronize import Event
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtplib import SMTP

from notifications.gallery import LINKS, example, roles
from notifications.letters import LANGUAGES, compiled, letters, render
from notifications.message import compose
from notifications.postbox import Postbox
from schemas.ledger import Letter

CASES = [
    (name, language, example(name, language, role))
    for name in sorted(letters())
    for language in LANGUAGES
    for role in roles(name)
]
SENDER = "Stadsvraag <stadsvraag@example.org>"


class Sink:
    """Says yes to everything."""

    async def handle_DATA(self, *_: Any) -> str:  # noqa: N802
        return "250 taken"


def serve(port: Any, stop: Event) -> None:
    for candidate in range(20025, 20125):
        try:
            controller = Controller(Sink(), hostname="127.0.0.1", port=candidate)
            controller.start()
        except OSError:
            continue
        port.value = candidate
        stop.wait()
        controller.stop()
        return


@contextmanager
def mail_server() -> Iterator[int]:
    """The port of a mail server in another process."""
    port, stop = multiprocessing.Value("i", 0), multiprocessing.Event()
    server = multiprocessing.Process(target=serve, args=(port, stop))
    server.start()
    while not port.value:
        time.sleep(0.05)
    try:
        yield port.value
    finally:
        stop.set()
        server.join()


def letter_of(number: int) -> Letter:
    name, language, facts = CASES[number % len(CASES)]
    return Letter(
        name=name,
        recipient_id=1,
        email="amira@example.org",
        language=language,
        facts=facts,
        message_id=f"<{number}@example.org>",
    )


def written(number: int) -> Any:
    letter = letter_of(number)
    return compose(letter, render(letter.name, letter.language, letter.facts, LINKS), SENDER, None)


def rendered(number: int) -> Any:
    name, language, facts = CASES[number % len(CASES)]
    return render(name, language, facts, LINKS)


def tell(what: str, figure: float, unit: str = "letters/s") -> None:
    print(f"{what:<40}{figure:8.{2 if unit == 's' else 0}f} {unit}")


def rate(seconds: float, work: Callable[[int], object]) -> float:
    begun, count = time.perf_counter(), 0
    while time.perf_counter() - begun < seconds:
        work(count)
        count += 1
    return count / (time.perf_counter() - begun)


async def post_rate(seconds: float, send: Callable[[int], Awaitable[object]]) -> float:
    begun, count = time.perf_counter(), 0
    while time.perf_counter() - begun < seconds:
        await send(count)
        count += 1
    return count / (time.perf_counter() - begun)


async def over_smtp(seconds: float, port: int) -> tuple[float, float]:
    ready = written(0)

    async with SMTP(hostname="127.0.0.1", port=port, start_tls=False) as bare:
        bare_rate = await post_rate(seconds, lambda _: bare.send_message(ready))
    async with Postbox(f"smtp://127.0.0.1:{port}?tls=none") as box:

        async def whole(number: int) -> None:
            outcome = await box.post(written(number), "amira@example.org")
            assert outcome.state == "sent", outcome

        return bare_rate, await post_rate(seconds, whole)


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--seconds", type=float, default=3.0, help="of each measurement")
    seconds = asked.parse_args().seconds
    begun = time.perf_counter()
    for name, language, _ in CASES:
        compiled(name, language)
    tell("compiling every text once", time.perf_counter() - begun, "s")
    tell("rendered (subject, text and HTML)", rate(seconds, rendered))
    tell("rendered, composed and serialised", rate(seconds, lambda n: written(n).as_bytes()))
    with mail_server() as port:
        bare, whole = asyncio.run(over_smtp(seconds, port))
    tell("bare aiosmtplib, one ready message", bare)
    tell("rendered, composed and posted", whole, f"letters/s ({whole / bare:.0%} of bare)")


if __name__ == "__main__":
    main()
