"""`kind: Fleet`: what holds for every cluster."""

from __future__ import annotations

from typing import Literal

from kingtide.fleet.documents.written import Written
from kingtide.fleet.fields import Name, StoreUrl
from kingtide.fleet.models.metadata import Metadata


class FleetSpec(Written):
    """Settings of the whole fleet."""

    state_store: StoreUrl | None = None
    """Where kops keeps its state, an S3 URL."""
    dns_zone: str | None = None
    """The zone under which every cluster has its name."""
    kubernetes_version: str | None = None
    """The version of every cluster that no stage pins to another."""
    image: str | None = None
    """The machine image of nodes."""
    stages: tuple[Name, ...] = ()
    """Names of stages in the order of promotion."""
    tags: dict[str, str] = {}
    """AWS tags that every resource carries."""


class Fleet(Written):
    """A fleet of clusters."""

    api_version: Literal["fleet.kingtide.dev/v1alpha1"]
    kind: Literal["Fleet"]
    metadata: Metadata
    spec: FleetSpec
