from __future__ import annotations

from kingtide.rehearsal.rescales import PHRASES, rescales
from kingtide.twin.journal import Mark


def test_a_change_of_replicas_is_a_decision_told_in_a_sentence() -> None:
    marks = [
        Mark(1000, "node_ready", "i-1", "node i-1 is Ready"),
        Mark(
            2000, "rescaled", "shop/api", "shop/api: 240 -> 283 replicas (106 % of requests used)"
        ),
    ]
    (entry,) = rescales(marks)
    (verdict,) = entry.report.verdicts
    assert (entry.at_ms, verdict.subject) == (2000, "deployment/shop/api")
    assert PHRASES.tell(verdict) == marks[1].message
