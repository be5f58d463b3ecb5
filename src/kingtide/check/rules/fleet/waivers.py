"""Waivers that have run out, that cover nothing, or that say nothing."""

from __future__ import annotations

from collections.abc import Iterable

from kingtide.check.rule import Example, Rule
from kingtide.check.view import Found
from kingtide.check.waivers import KnownWaiver
from kingtide.fleet.documents.nearest import did_you_mean

_SOURCE = "docs/concepts/checks.md: a waiver is a debt with a date"
_FLEET = """\
apiVersion: fleet.kingtide.dev/v1alpha1
kind: Cluster
metadata:
  name: prod
  waivers:
    - {{check: KT207, path: spec.nodeGroups.api, until: {until}, reason: one zone has the licence}}
spec:
  class: base
  nodeGroups:
    api:
      zones: {zones}
      onDemand: {{sizes: {{8x: {{instances: 8x-cpu32, max: 9}}}}}}
"""


def _waived(zones: str, until: str) -> Example:
    return Example(files={"clusters/prod.yaml": _FLEET.format(zones=zones, until=until)})


_MANIFEST = """\
apiVersion: v1
kind: ConfigMap
metadata:
  name: flags
  namespace: shop
  annotations: {{kingtide.dev/waive: "{waiver}"}}
"""


EXPIRED = Rule(
    code="KT110",
    title="A waiver that has run out",
    severity="error",
    why="What it covered is found again, and somebody promised to have mended it by now. Mend it"
    " and take the waiver out, or give a new date with a reason.",
    source=_SOURCE,
    failing=_waived("[a]", "2020-12-31"),
    passing=_waived("[a]", "9999-12-31"),
    check=None,
)
UNUSED = Rule(
    code="KT111",
    title="A waiver that covers nothing",
    severity="warning",
    why="What it was written for is mended, or it names the wrong check or path; left there, it"
    " would one day hide something new.",
    source=_SOURCE,
    failing=_waived("[a, b]", "9999-12-31"),
    passing=_waived("[a]", "9999-12-31"),
    check=None,
)
UNREADABLE = Rule(
    code="KT112",
    title="A waiver of which nothing can be made",
    severity="error",
    why="An annotation that is not written as waivers are covers nothing, nor does a waiver of a"
    " check that there is not, and a waiver for other"
    " files counts in fleet.yaml alone, so that a reader of a file knows what hides there.",
    source=_SOURCE,
    failing=Example(files={"manifests/flags.yaml": _MANIFEST.format(waiver="KT401 is fine")}),
    passing=Example(files={"manifests/flags.yaml": _MANIFEST.format(waiver="")}),
    check=None,
)
RULES = (EXPIRED, UNUSED, UNREADABLE)


def expired(it: KnownWaiver) -> Found:
    """Return what is found of a waiver after its last day."""
    wrong = f"the waiver of {it.waiver.check} ended on {it.waiver.until}"
    return Found(it.place, it.field, wrong, "mend what it covers, or give a new date", it.cluster)


def unknown(it: KnownWaiver, codes: Iterable[str]) -> Found:
    """Return what is found of a waiver of a check that there is not."""
    wrong = f"there is no check {it.waiver.check!r}"
    advice = did_you_mean(it.waiver.check, codes, what="checks")
    return Found(it.place, it.field, wrong, advice, it.cluster)


def unused(it: KnownWaiver) -> Found:
    """Return what is found of a waiver without a finding."""
    wrong = f"nothing of {it.waiver.check} is found that this waiver would cover"
    return Found(it.place, it.field, wrong, "take it out", it.cluster)
