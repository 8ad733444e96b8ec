"""JSON messages of any length over a stream socket, between our own processes."""

import json
import socket
import struct
import time


class Closed(Exception):
    """The other process is gone."""


def put(stream: socket.socket, message: dict) -> None:
    """Raises Closed when nobody reads any more."""
    body = json.dumps(message).encode()
    try:
        stream.sendall(struct.pack(">I", len(body)) + body)
    except OSError:
        raise Closed from None


def take(stream: socket.socket, seconds: float | None = None) -> dict:
    """The next message. Raises Closed, or TimeoutError after `seconds`."""
    ends = None if seconds is None else time.monotonic() + seconds
    (length,) = struct.unpack(">I", _exactly(stream, 4, ends))
    return json.loads(_exactly(stream, length, ends))


def _exactly(stream: socket.socket, size: int, ends: float | None) -> bytes:
    found = bytearray()
    while len(found) < size:
        stream.settimeout(None if ends is None else max(0.001, ends - time.monotonic()))
        try:
            chunk = stream.recv(min(size - len(found), 2**20))
        except TimeoutError:
            raise
        except OSError:
            raise Closed from None
        if not chunk:
            raise Closed
        found += chunk
    stream.settimeout(None)
    return bytes(found)
