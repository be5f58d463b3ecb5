"""What tools need: tools that exist, on the same clusters, and not each other in a circle."""

from __future__ import annotations

from collections.abc import Iterable

from kingtide.check.rule import Example, Rule
from kingtide.check.rules.tools.fleet_tools import FleetTools, in_tools, tool_yaml
from kingtide.check.view import Found
from kingtide.fleet.documents.nearest import did_you_mean
from kingtide.fleet.models.tool import Tool


def _unknown(fleet: FleetTools) -> Iterable[Found]:
    """Note needs that are no tools of the fleet, and those that do not run where they are needed.

    What kops runs need not be said: it is there before any tool.
    """
    names = [tool.metadata.name for tool in fleet.tools]
    for tool in fleet.tools:
        for index, needed in enumerate(tool.spec.needs):
            at = ("spec", "needs", index)
            other = fleet.named(needed)
            if other is None:
                wrong, advice = (
                    f"there is no tool {needed!r}",
                    did_you_mean(needed, names, what="tools"),
                )
                yield fleet.found(tool, at, wrong, advice)
                continue
            there = [cluster.name for cluster in fleet.on(other)]
            missing = [cluster.name for cluster in fleet.on(tool) if cluster.name not in there]
            if missing:
                wrong = f"{needed} does not run on {', '.join(missing)}, where this tool needs it"
                yield fleet.found(tool, at, wrong, "place both on the same clusters")


def _circles(fleet: FleetTools) -> Iterable[Found]:
    """Note tools that wait for each other, each circle once."""
    told: dict[str, None] = {}
    for tool in fleet.tools:
        circle = _circle(fleet, tool)
        if circle and not any(name in told for name in circle):
            told.update(dict.fromkeys(circle))
            wrong = f"waits for itself: {' needs '.join((*circle, circle[0]))}"
            index = tool.spec.needs.index(circle[1] if len(circle) > 1 else circle[0])
            advice = "take one of these needs out"
            yield fleet.found(tool, ("spec", "needs", index), wrong, advice)


def _circle(fleet: FleetTools, tool: Tool) -> tuple[str, ...]:
    """Return a shortest chain of needs from a tool back to itself; empty for none."""
    start = tool.metadata.name
    seen: dict[str, None] = {}
    waiting: list[tuple[str, ...]] = [(start,)]
    while waiting:
        chain = waiting.pop(0)
        found = fleet.named(chain[-1])
        for needed in found.spec.needs if found is not None else ():
            if needed == start:
                return chain
            if needed not in seen:
                seen[needed] = None
                waiting.append((*chain, needed))
    return ()


def _pair(needs: str, back: str = "[]") -> Example:
    return Example(
        files={
            "tools/prometheus/tool.yaml": tool_yaml("prometheus", more=f"needs: {needs}"),
            "tools/statsd-exporter/tool.yaml": tool_yaml("statsd-exporter", more=f"needs: {back}"),
        }
    )


RULES = (
    Rule(
        code="KT504",
        title="A need that cannot be met",
        severity="error",
        why="A rollout waits for the tools that one needs, on the same cluster: for one that is not"
        " there it would wait for ever.",
        source="docs/reference/fleet.md (Tool, spec.needs)",
        failing=_pair("[statsd-exportr]"),
        passing=_pair("[statsd-exporter]"),
        check=in_tools(_unknown),
    ),
    Rule(
        code="KT505",
        title="Tools that wait for each other",
        severity="error",
        why="Each would be rolled out after the other, so neither ever is.",
        source="docs/reference/fleet.md (Tool, spec.needs)",
        failing=_pair("[statsd-exporter]", "[prometheus]"),
        passing=_pair("[statsd-exporter]"),
        check=in_tools(_circles),
    ),
)
