"""The order in which kube-scheduler lists nodes: round robin over zones, by arrival within a zone.

It decides ties: among nodes of the best score the first of this list gets the pod.
Source: pkg/scheduler/backend/cache/node_tree.go (v1.36); the tie-break was observed on a real
scheduler.
"""

from __future__ import annotations

from kingtide.kube.nodes import REGION_LABEL, ZONE_LABEL, Node

PRECEDENCE_BITS = 24
"""Width of a precedence: 2^24 = 16 zones of a million nodes, far beyond any cluster."""
FIRST_PRECEDENCE = (1 << PRECEDENCE_BITS) - 1


class NodeOrder:
    """Keeps each node row's precedence: the higher, the earlier in the list.

    A precedence is sparse (position within the zone x number of zone slots + zone), so that an
    arriving node changes no other's; a departing one changes those behind it in its zone only.
    """

    def __init__(self) -> None:
        self._zones: list[str] = []
        self._rows: dict[str, list[int]] = {}
        self._zone_of: dict[int, str] = {}
        self._zone_slots = 16

    def add(self, row: int, node: Node) -> list[tuple[int, int]]:
        """Put a row at the end of its zone and return the changed (row, precedence) pairs."""
        zone = zone_key(node)
        if self._zone_of.get(row) == zone:
            return []
        changed = self.remove(row)
        if zone not in self._rows:
            self._zones.append(zone)
            self._rows[zone] = []
            if len(self._zones) > self._zone_slots:
                self._zone_slots *= 2
                self._place(row, zone)
                return self._every_precedence()
        self._place(row, zone)
        changed.append((row, self._precedence(len(self._rows[zone]) - 1, self._zones.index(zone))))
        return changed

    def remove(self, row: int) -> list[tuple[int, int]]:
        """Take a row out of the list and return the precedences of the others that changed."""
        zone = self._zone_of.pop(row, None)
        if zone is None:
            return []
        rows = self._rows[zone]
        position = rows.index(row)
        del rows[position]
        if not rows:
            del self._rows[zone]
            self._zones.remove(zone)
            return self._every_precedence()
        slot = self._zones.index(zone)
        return [(rows[i], self._precedence(i, slot)) for i in range(position, len(rows))]

    def rows(self) -> list[int]:
        """Return all rows, first of the list first."""
        longest = max(map(len, self._rows.values()), default=0)
        zones = [self._rows[zone] for zone in self._zones]
        return [rows[i] for i in range(longest) for rows in zones if i < len(rows)]

    def _place(self, row: int, zone: str) -> None:
        self._rows[zone].append(row)
        self._zone_of[row] = zone

    def _precedence(self, position: int, slot: int) -> int:
        return FIRST_PRECEDENCE - (position * self._zone_slots + slot)

    def _every_precedence(self) -> list[tuple[int, int]]:
        return [
            (row, self._precedence(position, slot))
            for slot, zone in enumerate(self._zones)
            for position, row in enumerate(self._rows[zone])
        ]


def zone_key(node: Node) -> str:
    """Return what kube-scheduler groups nodes by: region and zone, empty where neither is known."""
    region, zone = node.labels.get(REGION_LABEL, ""), node.labels.get(ZONE_LABEL, "")
    return f"{region}\0{zone}" if region or zone else ""
