"""What of a scenario's DNS is judged: its figures stand on it, and must say so."""

from __future__ import annotations

from collections.abc import Iterator

from kingtide.fleet.documents.written import Written
from kingtide.rehearsal.building.dns import has_node_cache
from kingtide.rehearsal.scenario.read import Scenario

_OF_CORE_DNS = ("queries_per_second", "hit_rate", "base_memory", "memory_per_query")
_OF_A_CACHE = ("hit_rate", "queries_per_second")
"""Fields of `dns:` whose defaults nobody measured in a cluster; `scenario/dns_model.py` argues for
each."""


def dns_notes(scenario: Scenario) -> Iterator[str]:
    """Yield what is judged of the cluster's DNS, but for what the scenario writes itself."""
    written = scenario.spec.dns
    if written is None:
        return
    judged = [f"coreDns.{it}" for it in _unwritten(written.core_dns, _OF_CORE_DNS)]
    if has_node_cache(written, scenario.cluster.spec.dns):
        judged += [f"cache.{it}" for it in _unwritten(written.cache, _OF_A_CACHE)]
    if judged:
        yield f"Judged, not measured, of the cluster's DNS: {', '.join(judged)}."


def _unwritten(of: Written, fields: tuple[str, ...]) -> Iterator[str]:
    for field in fields:
        if field not in of.model_fields_set:
            yield type(of).model_fields[field].alias or field
