"""A rule: what is looked for, why, where that is known from, and an example either way."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Literal

import msgspec

from kingtide.check.view import ClusterView, FleetView, Found

Severity = Literal["error", "warning"]
"""An error keeps a fleet from what it is meant to do; a warning is worth a look."""


class Example(msgspec.Struct, frozen=True):
    """A fleet told by how it differs from the good one (tests/unit/check/example_fleet.py).

    `spec` is what stands in clusters/prod.yaml below `spec:`, over the good fleet's class: maps
    merge, lists replace, null removes. `files` are whole files by path, added or replaced; an
    empty one is taken away. `crds` are kops' CRDs by name, none where they are not at hand.
    """

    spec: str = ""
    files: Mapping[str, str] = {}
    crds: Mapping[str, str] = {}


class Rule(msgspec.Struct, frozen=True):
    """One check.

    `title` names what is wrong in a few words, `why` what comes of it, `source` where that is known
    from (URL, version). `check` yields what is found in a fleet; None where the engine itself finds
    it, since it is about waivers. The failing example has a finding of this rule, the passing one
    no finding of any.
    """

    code: str
    title: str
    severity: Severity
    why: str
    source: str
    failing: Example
    passing: Example
    check: Callable[[FleetView], Iterable[Found]] | None


def each_cluster(
    check: Callable[[ClusterView], Iterable[Found]],
) -> Callable[[FleetView], Iterable[Found]]:
    """Return the check of a fleet that looks at one cluster after the other."""

    def of_fleet(fleet: FleetView) -> Iterable[Found]:
        for cluster in fleet.clusters:
            yield from check(cluster)

    return of_fleet
