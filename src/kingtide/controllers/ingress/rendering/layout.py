"""Where HAProxy's files and sockets are; the controller and HAProxy agree on it here."""

from __future__ import annotations

import msgspec


class Layout(msgspec.Struct, frozen=True, gc=False):
    """Folders and addresses. `folder` is an absolute path without a final slash."""

    folder: str
    http: str = "0.0.0.0:8080"
    https: str = "0.0.0.0:8443"
    stats: str = "127.0.0.1:1024"
    threads: int = 1

    @property
    def configuration(self) -> str:
        """HAProxy's configuration."""
        return f"{self.folder}/haproxy.cfg"

    @property
    def admin_socket(self) -> str:
        """The Runtime API of the worker."""
        return f"{self.folder}/admin.sock"

    @property
    def master_socket(self) -> str:
        """The command line of the master process."""
        return f"{self.folder}/master.sock"

    @property
    def server_state(self) -> str:
        """What `show servers state` said before a reload."""
        return f"{self.folder}/servers.state"

    def map(self, name: str) -> str:
        """The file of a map."""
        return f"{self.folder}/maps/{name}.map"

    def patterns(self, backend: str, name: str) -> str:
        """The file of a backend's patterns."""
        return f"{self.folder}/patterns/{backend}.{name}.lst"

    @property
    def certificates(self) -> str:
        """The folder of certificates, authorities and keys."""
        return f"{self.folder}/certificates"

    @property
    def certificate_list(self) -> str:
        """The list of certificates with their hosts."""
        return f"{self.certificates}/list.txt"

    @property
    def auth(self) -> str:
        """The folder of settings by which a service is asked about requests."""
        return f"{self.folder}/auth"

    def auth_settings(self, name: str) -> str:
        """The file of settings of this name."""
        return f"{self.auth}/{name}.json"

    @property
    def auth_engine(self) -> str:
        """How HAProxy asks the agent that asks such services."""
        return f"{self.folder}/auth.spoe"

    @property
    def auth_socket(self) -> str:
        """Where that agent is asked."""
        return f"{self.folder}/auth.sock"

    @property
    def auth_metrics_socket(self) -> str:
        """Where that agent tells what it counts."""
        return f"{self.folder}/auth-metrics.sock"

    @property
    def auth_lock(self) -> str:
        """Held by the agent that serves this folder, with its process' number in it."""
        return f"{self.folder}/auth.lock"

    @property
    def offload_socket(self) -> str:
        """Where TLS that is not passed through comes from the frontend that tells them apart."""
        return f"{self.folder}/offload.sock"
