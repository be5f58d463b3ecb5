"""`kind: Stage`: one step of a rollout over clusters."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from kingtide.fleet.documents.written import Written
from kingtide.fleet.fields import DurationMs, NumberOrPercentage, PositiveCount
from kingtide.fleet.models.metadata import Metadata


class Approval(Written):
    """Who must agree before a stage starts."""

    count: PositiveCount = 1
    """How many people."""
    teams: tuple[str, ...] = ()
    """Of which teams."""


class Window(Written):
    """When a stage may start."""

    days: str
    """Days of the week, for example `Mon-Thu`."""
    start: str = Field(alias="from")
    """Local time at which it opens, in quotes: "09:00"."""
    end: str = Field(alias="to")
    """Local time at which it closes."""
    timezone: str
    """The window's zone."""


class StageSpec(Written):
    """How a rollout passes through the clusters of this stage."""

    max_parallel: NumberOrPercentage = 1
    """Clusters at once, a number or a percentage."""
    soak: DurationMs = 0
    """How long the stage must stay healthy before the next one starts."""
    approval: Approval | None = None
    """Who must agree; when absent, nobody."""
    gates: tuple[str, ...] = ()
    """What must hold before the stage starts and while it soaks."""
    windows: tuple[Window, ...] = ()
    """When it may start; empty for always."""
    kubernetes_version: str | None = None
    """The version of this stage's clusters; when absent, the fleet's."""
    image: str | None = None
    """The machine image of this stage's clusters; when absent, the fleet's."""
    on_failure: Literal["rollback", "stop"] = "stop"
    """What happens when a gate closes."""


class Stage(Written):
    """A stage of rollouts."""

    api_version: Literal["fleet.kingtide.dev/v1alpha1"]
    kind: Literal["Stage"]
    metadata: Metadata
    spec: StageSpec
