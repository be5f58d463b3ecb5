"""One change of the running proxy; `live/haproxy` does them in the order given."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from kingtide.controllers.ingress.desired import Server


class AddServer(msgspec.Struct, frozen=True, gc=False, tag=True):
    """Put a new server behind a backend, ready; `words` are its options."""

    backend: str
    server: Server
    words: tuple[str, ...] = ()


class SetWeight(msgspec.Struct, frozen=True, gc=False, tag=True):
    """Give a server another weight; 0 lets it finish what it has."""

    backend: str
    server: str
    weight: int


class MoveServer(msgspec.Struct, frozen=True, gc=False, tag=True):
    """Give a slot another address."""

    backend: str
    server: str
    address: str
    port: int


class EnableServer(msgspec.Struct, frozen=True, gc=False, tag=True):
    """Take a server out of maintenance."""

    backend: str
    server: str


class RetireServer(msgspec.Struct, frozen=True, gc=False, tag=True):
    """Put a server into maintenance: it gets nothing new, and finishes what it has."""

    backend: str
    server: str


class DeleteServer(msgspec.Struct, frozen=True, gc=False, tag=True):
    """Take a retired server away; HAProxy refuses while it has connections, and we try later."""

    backend: str
    server: str


class PutEntries(msgspec.Struct, frozen=True, gc=False, tag=True):
    """Set entries of a map: `added` are not in it yet, `changed` have another value."""

    map: str
    added: Mapping[str, str] = {}
    changed: Mapping[str, str] = {}


class DropEntries(msgspec.Struct, frozen=True, gc=False, tag=True):
    """Take entries out of a map."""

    map: str
    keys: tuple[str, ...]


class PutCertificate(msgspec.Struct, frozen=True, gc=False, tag=True):
    """Put a certificate in the place of the one that is used, or there anew.

    Its repr tells no key.
    """

    name: str
    pem: bytes
    is_new: bool = False

    def __repr__(self) -> str:
        return f"PutCertificate({self.name!r}, {len(self.pem)} bytes, is_new={self.is_new})"


class ListHosts(msgspec.Struct, frozen=True, gc=False, tag=True):
    """Let a certificate answer for more hosts."""

    name: str
    hosts: tuple[str, ...]


class DropLine(msgspec.Struct, frozen=True, gc=False, tag=True):
    """Take a line out of the list of certificates, by its file and number."""

    line: str


class DeleteCertificate(msgspec.Struct, frozen=True, gc=False, tag=True):
    """Forget a certificate that no line of the list names any more."""

    name: str


class Reload(msgspec.Struct, frozen=True, gc=False, tag=True):
    """Load the files as they are written: a new worker takes over, the old one finishes."""

    reason: str


Step = (
    AddServer
    | SetWeight
    | MoveServer
    | EnableServer
    | RetireServer
    | DeleteServer
    | PutEntries
    | DropEntries
    | PutCertificate
    | ListHosts
    | DropLine
    | DeleteCertificate
    | Reload
)
