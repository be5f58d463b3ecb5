"""The settings by which Ingresses are taken: a cluster's, with what the command line says."""

from __future__ import annotations

from pathlib import Path

import msgspec

from kingtide.cli.chosen_cluster import chosen_cluster
from kingtide.fleet.ingress_settings import ingress_policy
from kingtide.fleet.policies.ingress import IngressPolicy


class Settings(msgspec.Struct, frozen=True):
    """What the command line names; None where it says nothing."""

    fleet: Path | None
    cluster: str | None
    ingress_class: str | None
    config_map: str | None

    def policy(self) -> IngressPolicy:
        """Return the settings.

        Raises:
            BadInput: there is no such cluster.
            Mistakes: the fleet's files are wrong.
        """
        found = ingress_policy(chosen_cluster(self.fleet, self.cluster).spec)
        said = {"ingress_class": self.ingress_class, "config_map": self.config_map}
        kept = {name: value for name, value in said.items() if value is not None}
        return msgspec.structs.replace(found, **kept)
