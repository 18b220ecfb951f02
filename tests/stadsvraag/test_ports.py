"""Ports are remembered, and picked anew when somebody else has them."""

import json
import socket
from pathlib import Path

import pytest

from stadsvraag.ports import HOST, PortTaken, need, pick, ports


def test_the_same_ports_again(tmp_path: Path) -> None:
    first = ports(tmp_path, 8000)
    assert first["web"] == 8000
    assert len(set(first.values())) == 3
    assert ports(tmp_path, 8000) == first == json.loads((tmp_path / "ports.json").read_text())


def test_a_port_that_was_taken_meanwhile_is_picked_anew(tmp_path: Path) -> None:
    first = ports(tmp_path, 8000)
    with socket.create_server((HOST, first["smtp"])):
        second = ports(tmp_path, 8000)
    assert second["smtp"] != first["smtp"]
    assert second["prefect"] == first["prefect"]


@pytest.mark.parametrize("text", ["", "{", "[]", '{"smtp": "25", "prefect": null}'])
def test_a_damaged_list_is_written_anew(tmp_path: Path, text: str) -> None:
    (tmp_path / "ports.json").write_text(text)
    assert set(ports(tmp_path, 8000)) == {"web", "smtp", "prefect"}


def test_a_taken_port_is_told_with_one_that_is_free() -> None:
    with socket.create_server((HOST, pick(set()))) as server:
        port = server.getsockname()[1]
        with pytest.raises(PortTaken, match=f"Port {port} is taken .* --port [0-9]+"):
            need(port)
