"""The fleet's tools, its clusters and its files, as the rules of this folder look at them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import PurePosixPath

import msgspec

from kingtide.check.view import FleetView, Found
from kingtide.compile.subject import runs_on
from kingtide.fleet.documents.tree import Node, Path, path_text, place_of
from kingtide.fleet.models.tool import Tool
from kingtide.fleet.repository import FleetRepository, LayeredCluster


class FleetTools(msgspec.Struct, frozen=True):
    """All tools of a fleet, and all its clusters, also those that nobody asked about.

    Where a tool runs is a matter of the whole fleet.
    """

    repository: FleetRepository

    @property
    def tools(self) -> tuple[Tool, ...]:
        """The tools."""
        return self.repository.tools

    @property
    def clusters(self) -> Mapping[str, LayeredCluster]:
        """The clusters by name."""
        return self.repository.clusters

    @property
    def values_files(self) -> Mapping[PurePosixPath, Node]:
        """The files of Helm values by path below the fleet's folder."""
        return self.repository.tool_values

    def named(self, name: str) -> Tool | None:
        """Return a tool by name; None for none."""
        return next((tool for tool in self.tools if tool.metadata.name == name), None)

    def on(self, tool: Tool) -> Iterator[LayeredCluster]:
        """Return the clusters that a tool runs on."""
        return (cluster for cluster in self.clusters.values() if runs_on(tool, cluster))

    def found(self, tool: Tool, path: Path, wrong: str, instead: str) -> Found:
        """Return a finding about a field of a tool, or the nearest one above it."""
        tree = self.repository.documents[PurePosixPath("tools", tool.metadata.name, "tool.yaml")]
        return Found(place_of(tree, path), path_text(path), wrong, instead)


def in_tools(
    check: Callable[[FleetTools], Iterable[Found]],
) -> Callable[[FleetView], Iterable[Found]]:
    """Return the check of a fleet that looks at all of its tools.

    Nothing is found where clusters or tools could not be read: they may be what is missed.
    """

    def of_fleet(fleet: FleetView) -> Iterable[Found]:
        repository = fleet.repository
        if repository is None or {"clusters", "tools"} & {*repository.hidden}:
            return ()
        return check(FleetTools(repository))

    return of_fleet


_TOOL = """\
apiVersion: fleet.kingtide.dev/v1alpha1
kind: Tool
metadata: {name: %s}
spec:
  chart: {repo: %s, name: %s, version: %s}
  namespace: monitoring
"""
COMMUNITY = "https://prometheus-community.github.io/helm-charts"
"""A chart repository for examples."""


def tool_yaml(name: str, *, repo: str = COMMUNITY, version: str = "3.8.0", more: str = "") -> str:
    """Return a tool's document for examples; `more` is one more line of its spec."""
    return _TOOL % (name, repo, name, version) + (f"  {more}\n" if more else "")
