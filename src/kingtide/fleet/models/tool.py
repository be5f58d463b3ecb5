"""`kind: Tool`: something that runs on clusters, from a Helm chart."""

from __future__ import annotations

from decimal import Decimal
from typing import Literal

from kingtide.fleet.documents.written import Written
from kingtide.fleet.fields import Name, Switch
from kingtide.fleet.models.metadata import Metadata


class Chart(Written):
    """A Helm chart at one version."""

    repo: str
    """The chart repository's URL."""
    name: str
    """The chart's name."""
    version: str
    """Its exact version."""


class Placement(Written):
    """On which clusters a tool runs."""

    match_labels: dict[str, str] = {}
    """Labels that a cluster must have; empty for every cluster."""


class HealthCheck(Written):
    """One condition of a tool's health."""

    deployments_ready: Switch | None = None
    """All its Deployments have their replicas ready."""
    promql: str | None = None
    """A query whose value is compared."""
    lt: Decimal | None = None
    """The value must be below this."""
    gt: Decimal | None = None
    """The value must be above this."""


class ToolSpec(Written):
    """Where a tool comes from and where it runs."""

    chart: Chart
    """Its Helm chart."""
    namespace: Name
    """The namespace it runs in."""
    needs: tuple[str, ...] = ()
    """Tools that must be healthy before."""
    node_group: Name | None = None
    """The application group it runs on; when absent, any that is not dedicated."""
    placement: Placement = Placement()
    """The clusters it runs on."""
    health: tuple[HealthCheck, ...] = ()
    """When it is healthy."""


class Tool(Written):
    """A tool of the fleet's clusters."""

    api_version: Literal["fleet.kingtide.dev/v1alpha1"]
    kind: Literal["Tool"]
    metadata: Metadata
    spec: ToolSpec
