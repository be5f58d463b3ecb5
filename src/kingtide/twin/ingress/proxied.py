"""One application behind the proxy: which of its pods it sends to, and which would answer."""

from __future__ import annotations

from collections.abc import Mapping

from kingtide.controllers.ingress.desired import Backend, Server
from kingtide.kube.pods import Pod
from kingtide.kube.services import Endpoint, EndpointPort, EndpointSlice, ServicePort
from kingtide.twin.cluster.restarts import is_waiting_to_restart
from kingtide.twin.definition import Application
from kingtide.twin.ingress.account import Account
from kingtide.twin.ingress.chances import NOBODY, Chances, chances
from kingtide.twin.requests import Requests

POD_PORT = 8080
"""Where every pod listens; nothing depends on it."""


class Proxied:
    """What is known of one application. `backend` None: no rule takes its requests.

    `taking` are the pods that the proxy sends to, by uid; of those `dead` take no connection, and
    `down` are the dead ones that checks have found.
    """

    def __init__(
        self,
        application: Application,
        requests: Requests,
        number: int,
        backend: Backend | None,
        account: Account,
    ) -> None:
        self.application = application
        self.requests = requests
        self.number = number
        self.backend = backend
        self.account = account
        self.pods: dict[str, Pod] = {}
        self.addresses: dict[str, str] = {}
        self.taking: dict[str, None] = {}
        self.dead: dict[str, None] = {}
        self.down: dict[str, None] = {}
        self.slice: EndpointSlice | None = None
        self.writes = 0
        """How often its EndpointSlice was written."""
        self.taken_over = 0
        """Which of those writes the proxy goes by."""
        self.is_slice_due = False

    @property
    def key(self) -> str:
        """`namespace/name`."""
        return self.application.key

    @property
    def port(self) -> ServicePort:
        """The port of its Service that the rule names."""
        port = None if self.backend is None else self.backend.port
        return port or ServicePort(80)

    @property
    def is_checked(self) -> bool:
        """Whether the proxy checks its servers."""
        return self.backend is not None and "check" in self.backend.server_words

    def accepts(self, pod: Pod, *, is_up: bool) -> bool:
        """Return whether a pod takes a connection now; `is_up` tells of its machine."""
        if not is_up or pod.phase != "Running" or is_waiting_to_restart(pod):
            return False
        return pod.deletion_ms is None or self.requests.serves_while_ending

    def written_slice(self) -> EndpointSlice:
        """Return the EndpointSlice of the pods of now.

        A terminating pod is never ready; it is serving for as long as its probe passes. Source:
        https://kubernetes.io/docs/concepts/services-networking/endpoint-slices/#conditions (v1.36).
        """
        endpoints = tuple(
            Endpoint(
                (self.addresses[uid],),
                is_ready=pod.is_ready and pod.deletion_ms is None,
                is_serving=pod.is_ready,
                is_terminating=pod.deletion_ms is not None,
                node=pod.node_name,
                target=pod.name,
            )
            for uid, pod in self.pods.items()
        )
        it = self.application
        port = EndpointPort(POD_PORT, self.port.name)
        return EndpointSlice(it.namespace, it.name, it.name, endpoints=endpoints, ports=(port,))

    def take_over(self, servers: tuple[Server, ...], uid_of: Mapping[str, str]) -> None:
        """Have the proxy send to these servers alone, but to none that drains."""
        taking = [uid_of[it.address] for it in servers if it.weight_in_force]
        self.taking = dict.fromkeys(taking)
        self.down = {uid: None for uid in self.down if uid in self.taking}

    def chances(self, retries: int) -> Chances:
        """Return what becomes of a request."""
        if self.backend is None:
            return NOBODY
        down = len(self.down)
        return chances(len(self.taking) - down, len(self.dead) - down, retries)
