"""The kinds of documents that a fleet repository holds, and where each of them stands."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec
from pydantic import BaseModel

from kingtide.fleet.models.cluster import Cluster, ClusterClass
from kingtide.fleet.models.fleet import Fleet
from kingtide.fleet.models.policy import Policy
from kingtide.fleet.models.stage import Stage
from kingtide.fleet.models.tool import Tool


class Kind(msgspec.Struct, frozen=True):
    """A kind of document: its model, which files hold it, and how much of it a file may say.

    An `overlay` may take away with null what another document says. A `partial` one may also leave
    out what another says; only the whole is complete.
    """

    model: type[BaseModel]
    files: str
    overlay: bool = False
    partial: bool = False


FLEET_KINDS: Mapping[str, Kind] = {
    "Fleet": Kind(Fleet, "fleet.yaml"),
    "ClusterClass": Kind(ClusterClass, "classes/*.yaml"),
    "Cluster": Kind(Cluster, "clusters/*.yaml", overlay=True),
    "Stage": Kind(Stage, "stages/*.yaml"),
    "Tool": Kind(Tool, "tools/*/tool.yaml"),
    "Policy": Kind(Policy, "policies/*.yaml"),
}
"""Every kind of the fleet, in the order in which a reader meets them."""

INSTANCE_TYPES = "InstanceTypes"
"""What the lists below snippets/instance-types are called here; they have no kind of their own."""
