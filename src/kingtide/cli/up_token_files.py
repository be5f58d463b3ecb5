"""The files of `kingtide up` that hold its token: nobody else's is replaced or taken away."""

from __future__ import annotations

import contextlib
import re
import socket
from pathlib import Path

import msgspec

from kingtide.cli.failure import BadInput, RunFailed
from kingtide.files.writing import NotWritable, check_writable, write_file
from kingtide.twin.apiserver.aws.signature import ACCESS_KEY_ID

MAX_LOOKED_AT_BYTES = 65_536
"""Thirty times what this command writes: whatever is longer is somebody else's."""
_CONNECT_SECONDS = 1.0
"""On this machine a port answers, or says that nobody listens, at once."""
_KUBECONFIG_KEYS = {"apiVersion", "kind", "clusters", "users", "contexts", "current-context"}
_CLOUD = re.compile(
    rb"(?s)AWS_ACCESS_KEY_ID=%b\n.*AWS_ENDPOINT_URL=\S+://(\S+):(\d+)" % ACCESS_KEY_ID.encode()
)


class TokenFile:
    """A file that is there while a cluster is served.

    Args:
        path: Where it goes.
        option: The option that names another place.
    """

    def __init__(self, path: Path, option: str) -> None:
        self.path = path
        self._option = option
        self._written = b""

    def check(self) -> None:
        """Refuse a place that is taken, before anything is started.

        Raises:
            BadInput: a file that this command did not write, or one whose cluster is still served.
            RunFailed: the file system refuses.
        """
        hint = f"name another file with {self._option}"
        try:
            check_writable(self.path.parent, (self.path.name,))
            found = _beginning(self.path)
        except NotWritable as error:
            raise RunFailed(str(error), hint=hint) from error
        except OSError as error:
            raise RunFailed(f"{self.path}: {error.strerror}", hint=hint) from error
        if not found:
            return
        address = served_at(found)
        if address is None:
            what = f"{self.path} is there, and is not of `kingtide up`"
            raise BadInput(f"{what}, which would replace it and take it away at the end", hint=hint)
        if _listens(*address):
            what = f"{self.path} is of a `kingtide up` that still runs"
            raise BadInput(f"{what}, at {address[0]}:{address[1]}", hint=f"end that one, or {hint}")

    def write(self, content: bytes) -> None:
        """Write it, for its owner alone.

        Raises:
            RunFailed: the file system refuses.
        """
        try:
            write_file(self.path, content, secret=True)
        except NotWritable as error:
            hint = f"name another file with {self._option}"
            raise RunFailed(str(error), hint=hint) from error
        self._written = content

    def take_away(self) -> None:
        """Remove it, unless somebody else put another one there."""
        with contextlib.suppress(OSError):
            if self._written and self.path.read_bytes() == self._written:
                self.path.unlink()


def served_at(content: bytes) -> tuple[str, int] | None:
    """Return the address in a file that `kingtide up` wrote, None of any other file."""
    cloud = _CLOUD.match(content)
    if cloud is not None:
        return cloud[1].decode().strip("[]"), int(cloud[2])
    try:
        document = msgspec.json.decode(content)
        (one,) = document["clusters"]
        is_ours = set(document) == _KUBECONFIG_KEYS and one["name"].startswith("kingtide-")
        is_ours = is_ours and document["current-context"] == one["name"]
        host, _, port = one["cluster"]["server"].removeprefix("https://").rpartition(":")
        return (host.strip("[]"), int(port)) if is_ours else None
    except (msgspec.DecodeError, KeyError, TypeError, ValueError, AttributeError):
        return None


def _beginning(path: Path) -> bytes:
    if not path.exists():
        return b""
    with path.open("rb") as file:
        return file.read(MAX_LOOKED_AT_BYTES)


def _listens(host: str, port: int) -> bool:
    try:
        with socket.create_connection((host, port), _CONNECT_SECONDS):
            return True
    except (OSError, OverflowError):
        return False
