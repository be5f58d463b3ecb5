"""A tool's chart: which version, from where, and whether anybody still makes it."""

from __future__ import annotations

import re
from collections.abc import Iterable

from kingtide.check.rule import Example, Rule
from kingtide.check.rules.tools.catalogue import move, successor
from kingtide.check.rules.tools.fleet_tools import COMMUNITY, FleetTools, in_tools, tool_yaml
from kingtide.check.view import Found

_EXACT = re.compile(r"v?\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?(\+[0-9A-Za-z.-]+)?")
"""SemVer, as Helm takes it for one version: https://helm.sh/docs/topics/charts/#charts-and-versioning"""


def _versions(fleet: FleetTools) -> Iterable[Found]:
    """Note chart versions that may be another one tomorrow."""
    for tool in fleet.tools:
        written = tool.spec.chart.version
        if not _EXACT.fullmatch(written):
            wrong = f"{written!r} is not one exact version"
            at = ("spec", "chart", "version")
            yield fleet.found(tool, at, wrong, "write all three numbers, for example 18.11.0")


def _dead(fleet: FleetTools) -> Iterable[Found]:
    """Note tools that nobody looks after any more."""
    for tool in fleet.tools:
        chart = tool.spec.chart
        found = successor(chart.name, chart.repo)
        if found is not None:
            wrong = f"{chart.name}: {found.fate} ({found.source})"
            yield fleet.found(tool, ("spec", "chart", "name"), wrong, found.instead)


def _moved(fleet: FleetTools) -> Iterable[Found]:
    """Note charts whose home is elsewhere by now."""
    for tool in fleet.tools:
        chart = tool.spec.chart
        found = move(chart.name, chart.repo)
        if found is not None:
            wrong = f"{chart.name} gets no new versions there ({found.source})"
            yield fleet.found(tool, ("spec", "chart", "repo"), wrong, f"write {found.home}")


def _example(name: str, repo: str = COMMUNITY, version: str = "3.8.0") -> Example:
    return Example(files={f"tools/{name}/tool.yaml": tool_yaml(name, repo=repo, version=version)})


RULES = (
    Rule(
        code="KT501",
        title="A chart without one exact version",
        severity="error",
        why="With a range (`^3.8`, `3.x`, `latest`) two clusters of one definition run different"
        " charts, depending on the day of their last rollout: what staging proved is not what"
        " production gets.",
        source="https://helm.sh/docs/chart_best_practices/dependencies/#versions (v3)",
        failing=_example("prometheus-pushgateway", version="^3.8"),
        passing=_example("prometheus-pushgateway"),
        check=in_tools(_versions),
    ),
    Rule(
        code="KT502",
        title="A tool that nobody looks after any more",
        severity="warning",
        why="No more releases means no more security fixes and, one Kubernetes version from now, an"
        " API that is gone. Of the article's 22 tools six are dead; each has a successor.",
        source="https://github.com/planetlabs/draino/issues/119 and, as every finding names, the"
        " project's own page (2026-08)",
        failing=_example("draino", repo="https://planetlabs.github.io/draino"),
        passing=_example("prometheus-pushgateway"),
        check=in_tools(_dead),
    ),
    Rule(
        code="KT503",
        title="A chart that moved",
        severity="warning",
        why="The former repository still answers, and never has a newer version: upgrades look as"
        " if there were none.",
        source="https://github.com/grafana/loki/issues/20705 and, as every finding names, the"
        " project's own page (2026-08)",
        failing=_example("loki", repo="https://grafana.github.io/helm-charts", version="6.30.0"),
        passing=_example(
            "loki", repo="https://grafana-community.github.io/helm-charts", version="18.11.0"
        ),
        check=in_tools(_moved),
    ),
)
