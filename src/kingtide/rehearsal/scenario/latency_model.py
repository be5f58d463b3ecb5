"""Latencies that a scenario overrides: a duration, a distribution, or a multiple of the default."""

from __future__ import annotations

from itertools import pairwise
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, GetJsonSchemaHandler, model_validator
from pydantic_core import CoreSchema

from kingtide.fleet.documents.written import Written
from kingtide.fleet.fields import DURATION_FORMS, Count, DurationMs, Factor, Switch
from kingtide.fleet.models.metadata import Metadata


class WrittenLatency(Written):
    """One latency."""

    points: tuple[tuple[Count, DurationMs], ...] | None = None
    """Its distribution as `[percent, duration]` from 0 to 100, linear in between: `[[0, 5s], [50,
    10s], [100, 25s]]`."""
    scale: Factor | None = None
    """A multiple of the default distribution, instead of points."""
    source: str | None = None
    """Where the figures come from."""
    assumed: Switch | None = None
    """The figures are a judgement; tables then show what half and twice the value would change."""

    @model_validator(mode="after")
    def _is_a_distribution(self) -> WrittenLatency:
        if (self.points is None) == (self.scale is None):
            raise ValueError("needs either points or scale; write a duration, or one of both")
        points = self.points or ((0, 0), (100, 0))
        if points[0][0] != 0 or points[-1][0] != 100 or len(points) < 2:
            raise ValueError(
                "points do not reach from 0 to 100 percent; add [0, ...] and [100, ...]"
            )
        for (percent, duration), (next_percent, next_duration) in pairwise(points):
            if next_percent <= percent or next_duration < duration:
                raise ValueError(
                    f"the point at {next_percent} percent does not rise over the one at {percent};"
                    " sort points by percent, with durations that never fall"
                )
        return self


def as_distribution(value: object) -> object:
    """Return a bare duration as the distribution in which every draw is the same."""
    if isinstance(value, str | int) and not isinstance(value, bool):
        return {"points": [[0, value], [100, value]]}
    return value


class _DurationOrDistribution:
    """Says in the JSON Schema that a bare duration stands for a distribution."""

    def __get_pydantic_json_schema__(
        self, core_schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        return {"anyOf": [*DURATION_FORMS, handler(core_schema)]}


Latency = Annotated[WrittenLatency, BeforeValidator(as_distribution), _DurationOrDistribution()]


class LatencyFile(Written):
    """`kind: Latencies`: latencies that several scenarios share."""

    api_version: Literal["fleet.kingtide.dev/v1alpha1"]
    kind: Literal["Latencies"]
    metadata: Metadata
    spec: dict[str, Latency]
    """Latencies by name."""
