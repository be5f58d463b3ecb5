"""What is installed, and under which names."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import Literal

import msgspec

from kingtide import __version__
from kingtide.control.action import Action
from kingtide.fleet.repository import FleetRepository, LayeredCluster
from kingtide.roster.registry import CONTROLLERS, ControllerRun

NAME = "kingtide"
"""Of every object that is not named after something else, in the namespace kingtide-system."""
IMAGE = f"{NAME}:{__version__}"
"""What the Dockerfile is built as; where a cluster's nodes find it only its owner knows."""
GROUP = "admin"
"""The application group whose nodes tools run on, as `kingtide compile` has it."""
FLEET_FOLDER = PurePosixPath("/etc/kingtide/fleet")
JOURNAL_FOLDER = PurePosixPath("/var/lib/kingtide")
"""Where the fleet's files and the decision journal stand in the container."""
HEALTH_PORT = 8080
"""Of /metrics, /healthz and /readyz; above 1023, so that nobody need be root to listen."""

Monitoring = Literal["annotations", "service-monitor", "none"]


class Installation(msgspec.Struct, frozen=True):
    """A cluster of a fleet, the controllers that run on it, and how.

    `files` are the fleet's, by path below its folder. `queue` is that of interruption messages, by
    name or address, None without. `admission` adds the webhook's process, `ingress` that of
    HAProxy. With `watch_only` all decide and tell; controllers have no right to change anything.
    """

    fleet: FleetRepository
    cluster: LayeredCluster
    runs: tuple[ControllerRun, ...]
    files: Mapping[PurePosixPath, bytes]
    image: str = IMAGE
    queue: str | None = None
    group: str = GROUP
    watch_only: bool = False
    admission: bool = False
    ingress: bool = False
    monitoring: Monitoring = "annotations"

    @property
    def controllers(self) -> tuple[str, ...]:
        """The names of the controllers as the command line takes them, each once."""
        names = (CONTROLLERS[it.key].controller.name.replace("_", "-") for it in self.runs)
        return tuple(dict.fromkeys(names))

    @property
    def actions(self) -> tuple[type[Action], ...]:
        """What the controllers may ask for, each once; nothing with `watch_only`."""
        if self.watch_only:
            return ()
        found = (one for it in self.runs for one in CONTROLLERS[it.key].controller.actions)
        return tuple(dict.fromkeys(found))
