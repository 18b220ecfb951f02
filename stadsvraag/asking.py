"""Asks a server on this machine whether it is there. Bare sockets: an HTTP library would double the supervisor."""

import socket

from stadsvraag.ports import HOST

SECONDS = 1.0


def answers(port: int, path: str) -> bool:
    """Whether GET `path` is answered with 200 within a second."""
    return _said(port, f"GET {path} HTTP/1.0\r\nHost: {HOST}:{port}\r\n\r\n".encode()).split(b" ")[1:2] == [b"200"]


def greets(port: int) -> bool:
    """Whether a mail server says it is ready for service."""
    return _said(port, b"").startswith(b"220")


def _said(port: int, question: bytes) -> bytes:
    try:
        with socket.create_connection((HOST, port), SECONDS) as connection:
            connection.sendall(question)
            return connection.recv(64)
    except OSError:
        return b""
