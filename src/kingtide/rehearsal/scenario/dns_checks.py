"""What must fit together in a scenario's `dns:`."""

from __future__ import annotations

import re

from kingtide.fleet.documents.nearest import did_you_mean
from kingtide.rehearsal.scenario.model import RehearsalSpec
from kingtide.rehearsal.scenario.notes import Noter

_CAPS = {"ndots": 15, "timeout": 30, "attempts": 5}
"""What glibc takes of each at most, silently. Source: resolv.conf(5), man-pages 6.9."""
_LABEL = r"[a-z0-9_]([-a-z0-9_]{0,61}[a-z0-9_])?"
_NAME = re.compile(rf"{_LABEL}(\.{_LABEL})+\.?")


def check_dns(spec: RehearsalSpec, noter: Noter) -> None:
    """Note names that are none, shares above the whole, and a CoreDNS that is no application."""
    dns = spec.dns
    if dns is None:
        return
    if not dns.lookups:
        advice = "write for example `api.example.com: 30`"
        noter.note(("spec", "dns", "lookups"), "has no name", advice)
    for name in dns.lookups:
        if len(name) > 200 or _NAME.fullmatch(name) is None:
            advice = "write a name with a dot, as api.example.com"
            noter.note(("spec", "dns", "lookups", name), "is no name", advice, key=True)
    for option, most in _CAPS.items():
        written = getattr(dns, option)
        if written is not None and written > most:
            wrong = f"resolvers take {most} at most, and {written} as if it was that"
            noter.note(("spec", "dns", option), wrong, f"write {most} or less")
    for field, rate in (("cache", dns.cache.hit_rate), ("coreDns", dns.core_dns.hit_rate)):
        if rate > 100:
            noter.note(("spec", "dns", field, "hitRate"), f"is {rate} %", "write at most 100%")
    application = dns.core_dns.application
    if application is not None and application not in spec.applications:
        advice = did_you_mean(application, spec.applications, what="applications")
        path = ("spec", "dns", "coreDns", "application")
        noter.note(path, f"there is no application {application!r}", advice)
