"""Files that look like parts of a fleet, and that nobody reads."""

from __future__ import annotations

from collections.abc import Iterable

from kingtide.check.rule import Example, Rule
from kingtide.check.view import FleetView, Found
from kingtide.fleet.documents.tree import Place
from kingtide.fleet.unread_files import why_unread

_SECOND = """\
apiVersion: fleet.kingtide.dev/v1alpha1
kind: Cluster
metadata: {name: second}
spec: {class: base, network: {cidr: 10.1.0.0/16}}
"""


def _unread(fleet: FleetView) -> Iterable[Found]:
    for shown in fleet.unread:
        told = why_unread(fleet.paths[shown])
        if told is not None:
            yield Found(Place(shown, 1, 1), "", *told)


RULES = (
    Rule(
        code="KT114",
        title="A file that nobody reads",
        severity="error",
        why="It lies or ends as a fleet's files do not: the cluster that it should be is none, its"
        " objects are checked for none, and nothing else would tell.",
        source="docs/guides/fleet-as-code.md (Define)",
        failing=Example(files={"clusters/second.yml": _SECOND}),
        passing=Example(files={"clusters/second.yaml": _SECOND}),
        check=_unread,
    ),
)
