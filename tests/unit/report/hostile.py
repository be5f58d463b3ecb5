"""A run whose every name was chosen to break out of the medium it is printed in."""

from __future__ import annotations

import msgspec

from kingtide.control.decision_entry import DecisionEntry
from kingtide.control.report import Report, Verdict
from kingtide.rehearsal.record import (
    Event,
    ExpectationResult,
    Figure,
    RunRecord,
    Series,
)
from tests.unit.report.evening import START_MS, evening

SCRIPT = "</script><script>window.pwned=1</script>"
IMAGE = "<img src=x onerror=window.pwned=2>"
ATTRIBUTE = '"><b onclick=window.pwned=3 x="'
MARKUP = "[red]not markup[/red][/]"
FORMULA = r"$\frac{1}{0}$ _hidden"
CONTROL = "\x1b[31mred\x00\u202eevil\ud800"
NAMES = (SCRIPT, IMAGE, ATTRIBUTE, MARKUP, FORMULA, CONTROL)
ALL = " ".join(NAMES)


def hostile_evening() -> RunRecord:
    """Return a made evening with hostile text in every field that a user or an API writes."""
    record = evening(applications=2, hours=0.5)
    series = dict(record.series)
    for name in NAMES:
        for measure in ("used", "available", "unserved", "hpa_trigger"):
            known = record.series[f"app.shop/front.{measure}"]
            series[f"app.{name}.{measure}"] = Series(name, known.unit, known.values)
        for what in ("available", "unavailable"):
            known = record.series[f"pods.high.{what}"]
            series[f"pods.{name}.{what}"] = Series(name, known.unit, known.values)
    verdict = Verdict(f"node/{ALL}", "refused", ALL, {ALL: ALL})
    return msgspec.structs.replace(
        record,
        name=ALL,
        cluster=ALL,
        trace_hash=ALL,
        versions={ALL: ALL},
        series=series,
        figures={f"{ALL}.{i}": Figure(1.0, "pods", name) for i, name in enumerate(NAMES)},
        events=tuple(Event(START_MS + 1000, n, n, n, "bad") for n in NAMES)
        + tuple(Event(START_MS + 9000, n, n, n) for n in NAMES),
        decisions=(DecisionEntry(START_MS + 2000, ALL, Report({ALL: ALL}, (verdict,))),),
        expectations=(ExpectationResult(f"{ALL} <= 1", ALL, 2.0, False),),
        notes=NAMES,
    )
