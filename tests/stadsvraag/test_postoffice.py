"""The demonstration's mail server over real SMTP: 250 means on disk."""

import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from email import message_from_bytes
from email.message import EmailMessage
from pathlib import Path

import aiosmtplib
import pytest

from stadsvraag.asking import greets
from stadsvraag.ports import HOST, pick
from tests.stadsvraag.house import wait_for

Office = tuple[int, Path, subprocess.Popen[str]]


def begin(port: int, folder: Path, *more: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "stadsvraag.postoffice", "--port", str(port), "--maildir", str(folder), *more]
    return subprocess.Popen(command, stderr=subprocess.PIPE, text=True)


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    port = pick(set())
    process = begin(port, tmp_path / "mailbox", "--limit", "20000")
    wait_for(lambda: greets(port))
    yield port, tmp_path / "mailbox", process
    process.kill()
    process.communicate()


def letter(text: str) -> EmailMessage:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "stad@example.org", "an@example.org", "Je vraag is binnen"
    message.set_content(text)
    return message


async def test_a_letter_is_kept_as_it_came_with_its_envelope(office: Office) -> None:
    port, folder, _ = office
    to = ["an@example.org", "bo@example.org"]
    await aiosmtplib.send(letter("Eén regel.\n.\nEn nog een."), hostname=HOST, port=port, recipients=to)
    (file,) = (folder / "new").iterdir()
    kept = message_from_bytes(file.read_bytes())
    assert kept["X-Envelope-To"] == "an@example.org, bo@example.org"
    assert kept["X-Received-At"].endswith("+00:00")
    assert kept["Subject"] == "Je vraag is binnen"
    payload = kept.get_payload(decode=True)
    assert isinstance(payload, bytes)
    assert payload.decode().splitlines() == ["Eén regel.", ".", "En nog een."]


async def test_kill_9_right_after_250_loses_nothing(office: Office) -> None:
    port, folder, process = office
    async with aiosmtplib.SMTP(hostname=HOST, port=port) as client:
        for number in range(5):
            _, reply = await client.send_message(letter(f"Brief {number}"))
            assert reply.startswith("Kept")
        process.send_signal(signal.SIGKILL)
        process.wait()
    assert len(list((folder / "new").iterdir())) == 5
    assert not list((folder / "tmp").iterdir())


async def test_a_letter_that_is_too_large_is_refused(office: Office) -> None:
    port, folder, _ = office
    with pytest.raises(aiosmtplib.SMTPResponseException) as refused:
        await aiosmtplib.send(letter("lang " * 10000), hostname=HOST, port=port)
    assert refused.value.code == 552
    assert not list((folder / "new").iterdir())


async def test_without_its_folder_it_asks_to_come_back_later(office: Office) -> None:
    port, folder, _ = office
    (folder / "tmp").rmdir()
    with pytest.raises(aiosmtplib.SMTPResponseException) as refused:
        await aiosmtplib.send(letter("Hallo"), hostname=HOST, port=port)
    assert refused.value.code == 452


def test_sigterm_ends_it(office: Office) -> None:
    *_, process = office
    process.terminate()
    assert process.wait(60) == 0


def test_a_taken_port_is_told(tmp_path: Path) -> None:
    with socket.create_server((HOST, 0)) as server:
        port = server.getsockname()[1]
        process = begin(port, tmp_path / "mailbox")
        _, said = process.communicate(timeout=60)
    assert process.returncode == 1
    assert f"{HOST}:{port}" in said
    assert "--port" in said
