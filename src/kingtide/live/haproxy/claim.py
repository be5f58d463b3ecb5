"""One controller a folder, and addresses that nobody else listens on.

Two controllers of one folder would each take the other's HAProxy for one that was changed by hand,
and end it with themselves. Two HAProxies on one address share its connections without a word: both
listen with SO_REUSEPORT, and the system gives each a part (socket(7)).
"""

from __future__ import annotations

import fcntl
import os
import socket
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path


class Taken(Exception):
    """Somebody else has it; the message says what."""


@contextmanager
def claimed(folder: Path) -> Iterator[None]:
    """Have a folder to oneself; the claim ends with the process, however that ends.

    HAProxy does not inherit it, so that one which serves on can be adopted.

    Raises:
        Taken: another process has the folder.
        OSError: it cannot be made or written to.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    file = os.open(folder / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise Taken(f"another process keeps an HAProxy in {folder}") from error
        yield
    finally:
        os.close(file)


def check_free(addresses: Iterable[str]) -> None:
    """See that nobody listens on any of these addresses, `HOST:PORT` each.

    Raises:
        Taken: somebody does, or may; the message has the address.
    """
    for address in addresses:
        host, _, port = address.rpartition(":")
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((host, int(port)))
            except OSError as error:
                raise Taken(f"{address} cannot be listened on ({error.strerror})") from error
