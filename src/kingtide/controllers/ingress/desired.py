"""The proxy as it should be: what the objects of a cluster ask for, and nothing about how."""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import blake2s
from typing import Literal

import msgspec

from kingtide.controllers.ingress.directive import Directive, PatternFile
from kingtide.controllers.ingress.external_auth.settings import AuthSettings
from kingtide.controllers.ingress.names import as_name
from kingtide.controllers.ingress.routing.table import Route
from kingtide.kube.services import ServicePort

Mode = Literal["http", "tcp"]


class Server(msgspec.Struct, frozen=True, gc=False, order=True):
    """A pod behind a backend. `is_draining` finishes what it has and gets nothing new.

    `is_free` is no pod but a place for one, in maintenance; `is_named` has a DNS name for address,
    which HAProxy resolves.

    `name` is unique in its backend and stays the same as long as the address does; it names the pod
    where it is known, so that HAProxy's metrics can be read.
    """

    name: str
    address: str
    port: int
    is_draining: bool = False
    weight: int = 100
    is_free: bool = False
    is_named: bool = False

    @property
    def weight_in_force(self) -> int:
        """The share of requests it gets: none while it drains."""
        return 0 if self.is_draining else self.weight


class Backend(msgspec.Struct, frozen=True, gc=False):
    """Where requests of some routes go, with what was asked for on the way.

    `service` is `namespace/name`; `port` the one of it that the servers are behind, None where that
    is not known. `server_words` are options of every server. `needs_slots` where servers cannot be
    added while HAProxy runs (cookies): then free places are kept, in multiples of `slots`; None: of
    the policy's. `external_auth` None: nobody is asked about its requests.
    """

    name: str
    service: str
    servers: tuple[Server, ...] = ()
    mode: Mode = "http"
    directives: tuple[Directive, ...] = ()
    files: tuple[PatternFile, ...] = ()
    server_words: tuple[str, ...] = ()
    needs_slots: bool = False
    port: ServicePort | None = None
    slots: int | None = None
    external_auth: AuthSettings | None = None


class Certificate(msgspec.Struct, frozen=True, gc=False):
    """A certificate with its key, as one PEM text; `secret` is `namespace/name`.

    It answers for `hosts`; `is_default` where no other does. `mark` tells one from another: the
    SHA-1 of the first certificate and how many are in its chain, as HAProxy shows them. Its repr
    tells no key.
    """

    secret: str
    pem: bytes
    hosts: tuple[str, ...] = ()
    is_default: bool = False
    mark: str = ""

    @property
    def name(self) -> str:
        """The name of its file, the same when the certificate is renewed."""
        namespace, _, name = self.secret.partition("/")
        return f"{as_name(namespace)}_{as_name(name)}.pem"

    def __repr__(self) -> str:
        return f"Certificate({self.secret!r}, {len(self.pem)} bytes, hosts={self.hosts!r})"


class SecretFile(msgspec.Struct, frozen=True, gc=False):
    """A file that servers or binds name: authorities, or a certificate with its key.

    HAProxy reads it once, so another content is another name. Its repr tells no key.
    """

    kind: Literal["authorities", "certificate"]
    secret: str
    pem: bytes

    @property
    def name(self) -> str:
        """The name of its file."""
        return f"{self.kind}-{blake2s(self.pem, digest_size=12).hexdigest()}.pem"

    def __repr__(self) -> str:
        return f"SecretFile({self.name!r}, {self.secret!r})"


class UserList(msgspec.Struct, frozen=True, gc=False):
    """Users and hashes of their passwords; the name is made of both. Its repr tells no hash."""

    name: str
    users: tuple[tuple[str, str], ...]

    def __repr__(self) -> str:
        return f"UserList({self.name!r}, {len(self.users)} users)"


class Listening(msgspec.Struct, frozen=True, gc=False):
    """How connections are taken. `alpn` are protocols offered over TLS, with commas.

    `proxies` are networks that begin with the PROXY protocol. `client_authorities` None asks
    clients for no certificate; `is_closed` answers nobody over TLS, since clients were to be asked
    and cannot be.
    """

    alpn: str = "h2,http/1.1"
    proxies: tuple[str, ...] = ()
    client_authorities: SecretFile | None = None
    is_client_optional: bool = False
    is_strict: bool = False
    is_closed: bool = False


class Split(msgspec.Struct, frozen=True, gc=False):
    """A route whose requests are divided: `weight` of 10,000 go to `canary`, others to `main`.

    A header comes first: `value` of it goes to the canary, or where `pattern` is found in it; where
    both are empty, `always` does and `never` does not; then a cookie by the same two. `ingress` is
    the canary's.
    """

    name: str
    main: str
    canary: str
    weight: int = 0
    header: str = ""
    value: str = ""
    cookie: str = ""
    ingress: str = ""
    pattern: str = ""


class Conditional(msgspec.Struct, frozen=True, gc=False):
    """A route that holds where a condition (HAProxy's, as words) does too; else the others hold."""

    route: Route
    condition: tuple[str, ...]


class Desired(msgspec.Struct, frozen=True, gc=False):
    """All of it. `routes` are in the order in which they win.

    `default_backend` None answers 404. `passthrough` maps a server name (SNI) to a backend that
    gets the connection as it is. `frontend` are directives of the frontends, `process` of the
    global section, `defaults` of all sections. `captures` are lengths of what is
    logged of requests.
    """

    routes: tuple[Route, ...] = ()
    backends: Mapping[str, Backend] = {}
    default_backend: str | None = None
    certificates: tuple[Certificate, ...] = ()
    passthrough: Mapping[str, str] = {}
    frontend: tuple[Directive, ...] = ()
    process: tuple[Directive, ...] = ()
    stats: tuple[Directive, ...] = ()
    defaults: tuple[Directive, ...] = ()
    listening: Listening = Listening()
    secret_files: tuple[SecretFile, ...] = ()
    user_lists: tuple[UserList, ...] = ()
    captures: tuple[int, ...] = ()
    splits: tuple[Split, ...] = ()
    conditional: tuple[Conditional, ...] = ()
