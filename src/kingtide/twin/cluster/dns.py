"""The cluster's DNS, step by step: what is asked of it, what fails, and CoreDNS killed for memory.

What it finds at one step holds for requests until the next: those whose lookup fails are not
served, and pods do not work for them. CoreDNS' pods are not touched; while it is down between two
kills none of them answers, as of containers in CrashLoopBackOff.
"""

from __future__ import annotations

import numpy as np

from kingtide.twin.cluster.current_load import Load
from kingtide.twin.cluster.metrics import LOAD_STEP_MS, Metrics
from kingtide.twin.definition import Application
from kingtide.twin.dns_conditions import DnsConditions
from kingtide.twin.engine import Engine
from kingtide.twin.journal import Journal
from kingtide.twin.load.names import WHOLE, Answered, answered

LONGEST_RESTART_MS = 300_000
"""Where kubelet's back-off ends, and half of the time after which it begins anew.

Source: https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#restart-policy (v1.36)
"""
_NOTHING = Answered(0, 0, 0, 0, 0, 0)
_SAID_FROM = WHOLE // 100
"""An outage is told from one lookup of a hundred on."""


class ClusterDns:
    """Looks at every load step; `answered` is what the last one came to."""

    def __init__(
        self,
        engine: Engine,
        metrics: Metrics,
        journal: Journal,
        applications: tuple[Application, ...],
        conditions: DnsConditions,
    ) -> None:
        self.answered = _NOTHING
        self.killed = 0
        """How often CoreDNS was killed for memory."""
        self._engine = engine
        self._metrics = metrics
        self._journal = journal
        self._conditions = conditions
        keys = [it.key for it in applications]
        key = conditions.core_dns.application
        self._number = None if key is None else keys.index(key)
        self._looked_ms = engine.now_ms - LOAD_STEP_MS
        self._retried = 0
        self._down_until_ms = engine.now_ms
        self._killed_ms = engine.now_ms
        self._restart_ms = conditions.core_dns.restart_ms
        self._fails = False
        metrics.on_step(self._look)

    def _look(self, load: Load) -> None:
        now_ms = self._engine.now_ms
        if now_ms - self._looked_ms < LOAD_STEP_MS:
            return  # a scrape between two steps
        self._looked_ms = now_ms
        replicas = 0 if now_ms < self._down_until_ms else self._replicas()
        millicores = int(load.demand.sum())
        found = answered(self._conditions, millicores, self._retried, replicas, self._nodes())
        self._retried = found.first_unanswered * (self._conditions.attempts - 1)
        self.answered = found
        if replicas and self._is_too_much(found, replicas):
            self._kill(found)
        self._tell(found)
        self._metrics.fail_lookups(found.failed)
        self._engine.trace(f"dns {found.asked_of_core_dns} {found.failed}")

    def _replicas(self) -> int:
        if self._number is None:
            return self._conditions.core_dns.replicas
        columns = self._metrics.columns
        return int(np.count_nonzero(columns.serving & (columns.application == self._number)))

    def _nodes(self) -> int:
        """Return the nodes with a pod that serves: the others ask nothing."""
        columns = self._metrics.columns
        return int(np.unique(columns.node[columns.serving]).size)

    def _is_too_much(self, found: Answered, replicas: int) -> bool:
        core = self._conditions.core_dns
        waiting = found.unanswered * self._conditions.timeout_ms // 1000 // replicas
        return core.base_bytes + waiting * core.bytes_per_query > core.limit_bytes

    def _kill(self, found: Answered) -> None:
        now_ms, core = self._engine.now_ms, self._conditions.core_dns
        if now_ms - self._killed_ms > 2 * LONGEST_RESTART_MS:
            self._restart_ms = core.restart_ms
        self._killed_ms = now_ms
        self._down_until_ms = now_ms + self._restart_ms
        self._restart_ms = min(self._restart_ms * 2, LONGEST_RESTART_MS)
        self.killed += 1
        told = f"{found.unanswered:,} queries a second wait in it: killed for memory"
        self._journal.mark("core_dns_killed", "coredns", told, "warning")

    def _tell(self, found: Answered) -> None:
        fails = found.failed >= _SAID_FROM
        if fails and not self._fails:
            told = f"{found.failed * 100 // WHOLE} % of {found.lookups:,} lookups a second fail"
            self._journal.mark("dns_failing", "coredns", told, "warning")
        elif self._fails and not fails:
            self._journal.mark("dns_answers", "coredns", "lookups are answered again")
        self._fails = fails
