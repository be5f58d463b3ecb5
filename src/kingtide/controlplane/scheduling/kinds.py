"""The groups of alike nodes of every kind of pod that needs them."""

from __future__ import annotations

import msgspec

from kingtide.controlplane.scheduling.alike import AlikeNodes
from kingtide.controlplane.scheduling.merits import MeritColumns, reads_images
from kingtide.controlplane.scheduling.node_table import NodeTable
from kingtide.controlplane.scheduling.pod_rules import AffinityRule, WeightedAffinityRule
from kingtide.controlplane.scheduling.shape import PodShape
from kingtide.controlplane.scheduling.surroundings import Surroundings
from kingtide.controlplane.scheduling.tallies import Tallies

_MAX_KINDS = 1_024
"""Bound of kept kinds; a fleet has as many as it has applications. Beyond, all start anew."""


class _Asked(msgspec.Struct, frozen=True):
    """What of the rest of the cluster matters to a kind: others' rules about it, merits at all."""

    keeping_away: tuple[AffinityRule, ...]
    attracting: tuple[WeightedAffinityRule, ...]
    has_merits: bool


class _Kind(msgspec.Struct):
    seen: int
    asked: _Asked
    alike: AlikeNodes | None


class Kinds:
    """Keeps `AlikeNodes` for the kinds whose choice depends on more than resources."""

    def __init__(self, table: NodeTable) -> None:
        self._table = table
        self._tallies = Tallies(table)
        self._merits = MeritColumns()
        self._kinds: dict[int, _Kind] = {}

    def alike(self, shape: PodShape) -> AlikeNodes | None:
        """Return the groups for a shape's kind, None where resources alone decide."""
        table = self._table
        # Both only grow, so that their sum tells whether either did.
        version = table.static_changes.tick + table.census.rule_count
        kind = self._kinds.get(shape.kind)
        if kind is not None and kind.seen == version:
            return kind.alike
        asked = self._asked(shape)
        if kind is not None:
            kind.seen = version
            if kind.asked == asked:
                return kind.alike
            if kind.alike is not None:
                kind.alike.close()
        elif len(self._kinds) >= _MAX_KINDS:
            self._kinds.clear()
            self._tallies.clear()
        alike = self._made(shape) if self._needs(shape, asked) else None
        self._kinds[shape.kind] = _Kind(version, asked, alike)
        return alike

    def _made(self, shape: PodShape) -> AlikeNodes:
        surroundings = Surroundings(shape, self._tallies)
        return AlikeNodes(shape, self._table, self._merits.of(shape), surroundings)

    def _asked(self, shape: PodShape) -> _Asked:
        table = self._table
        census = table.census
        return _Asked(
            tuple(rule for rule in census.anti_affinities if shape.is_selected_by(rule.pods)),
            tuple(like for like in census.attractions if shape.is_selected_by(like.rule.pods)),
            table.avoidable_nodes > 0
            or bool(shape.spec.preferred_node_affinity)
            or reads_images(shape, table),
        )

    @staticmethod
    def _needs(shape: PodShape, asked: _Asked) -> bool:
        rules = shape.rules
        return bool(
            asked.keeping_away
            or asked.attracting
            or asked.has_merits
            or rules.hard_spread
            or rules.soft_spread
            or rules.affinity
            or rules.anti_affinity
            or rules.preferred
        )
