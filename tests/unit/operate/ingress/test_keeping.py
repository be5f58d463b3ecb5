from __future__ import annotations

import asyncio
import io
from collections.abc import Collection, Sequence
from typing import Any

import pytest

from kingtide.controllers.ingress.desired import Desired
from kingtide.controllers.ingress.rendering.layout import Layout
from kingtide.controllers.ingress.traffic_view import TrafficView
from kingtide.fleet.policies.ingress import IngressPolicy
from kingtide.live.external_auth.process import AuthAgent
from kingtide.live.haproxy.process import ConfigurationRefused, HaproxyProcess
from kingtide.live.haproxy.proxy import Brought, Proxy
from kingtide.live.haproxy.runtime import NoAnswer, RuntimeFailed
from kingtide.operate.ingress.auth_keeping import AuthKeeping
from kingtide.operate.ingress.keeping import Keeping
from kingtide.operate.ingress.metrics import IngressMetrics
from kingtide.operate.ingress.sight import Changes
from kingtide.operate.running.logs import DecisionLog

NOTHING_NEW = Changes(TrafficView())
ENDPOINTS = Changes(TrafficView(), frozenset({"d/web"}), arrived_at=0.0)
RULES = Changes(TrafficView(), is_more=True, arrived_at=0.0)


class Process(HaproxyProcess):
    """A process that runs or does not, as the test says."""

    runs = True
    given_up = 0

    @property
    def is_running(self) -> bool:
        return self.runs

    async def give_up(self) -> None:
        self.given_up += 1


class Scripted(Proxy):
    """A proxy whose answers are written down; once they are used up, all is as it should be."""

    def __init__(self, *answers: Brought | Exception) -> None:
        super().__init__("haproxy", Layout("/nowhere"), 1)
        self.process: Process = Process("haproxy", Layout("/nowhere"))
        self.asked: list[str] = []
        self._answers = list(answers)

    def _answer(self) -> Brought:
        found = self._answers.pop(0) if self._answers else Brought()
        if isinstance(found, Exception):
            raise found
        return found

    async def bring(
        self, desired: Desired, *, may_reload: bool = True, is_whole: bool = True
    ) -> Brought:
        self.asked.append(f"{'all' if is_whole else 'more'}{'' if may_reload else ', no reload'}")
        return self._answer()

    async def bring_servers(self, desired: Desired, backends: Collection[str]) -> Brought:
        self.asked.append("servers")
        return self._answer()

    async def keep_files(self) -> None:
        self.asked.append("files")

    async def resume(self) -> bool:
        self.asked.append("resume")
        self.process.runs = True
        return True


class Sight:
    """Changes, one a look; it ends the loop with the last."""

    def __init__(self, changes: Sequence[Changes]) -> None:
        self.keeping: Keeping | None = None
        self._changes = list(changes)

    @property
    def unlisted(self) -> tuple[str, ...]:
        return ()

    def take(self) -> Changes:
        if not self._changes:
            raise asyncio.CancelledError
        found = self._changes.pop(0)
        assert self.keeping is not None
        self.keeping.wake()
        return found


class Unlisted(Sight):
    """A cluster that is not known for some looks; before the last of them HAProxy is killed."""

    def __init__(self, process: Process, looks: int) -> None:
        self._process = process
        self._looks = looks
        self.was_serving: list[bool] = []
        super().__init__([])

    @property
    def unlisted(self) -> tuple[str, ...]:
        assert self.keeping is not None
        self.was_serving.append(self.keeping.is_serving)
        self._looks -= 1
        if self._looks == 1:
            self._process.runs = False
        return ("Ingress",) if self._looks >= 0 else ()


def kept(proxy: Proxy, *changes: Changes) -> tuple[Keeping, IngressMetrics, str]:
    """Have changes come to a proxy one after the other; return who kept it, counts and the log."""
    return kept_by(proxy, Sight(changes))


def kept_by(proxy: Proxy, sight: Any) -> tuple[Keeping, IngressMetrics, str]:
    """The same with whatever sees the changes: only what Keeping takes of a TrafficSight."""
    metrics, log = IngressMetrics(dict), io.StringIO()
    written = DecisionLog(log, lambda _: (), as_json=True)
    auth = AuthKeeping(AuthAgent(Layout("/nowhere")), written)
    keeping = Keeping(proxy, auth, IngressPolicy(), metrics, written, lambda *_: None)
    sight.keeping = keeping
    with pytest.raises(asyncio.CancelledError):
        asyncio.run(keeping.run(sight))
    return keeping, metrics, log.getvalue()


def count(metrics: IngressMetrics, name: str, **labels: str) -> float:
    return metrics.registry.get_sample_value(f"kingtide_ingress_{name}", labels) or 0.0


@pytest.mark.parametrize(
    ("changes", "asked"),
    [
        pytest.param((NOTHING_NEW,), ["all"], id="all at first"),
        pytest.param((NOTHING_NEW, ENDPOINTS), ["all", "servers"], id="then servers alone"),
        pytest.param((NOTHING_NEW, RULES), ["all", "more"], id="rules against what is known"),
    ],
)
def test_only_as_much_is_done_as_a_change_asks_for(
    changes: tuple[Changes, ...], asked: list[str]
) -> None:
    proxy = Scripted()
    kept(proxy, *changes)
    assert [it for it in proxy.asked if it != "files"] == asked


def test_after_a_load_no_other_is_allowed_at_once() -> None:
    proxy = Scripted(Brought(is_loaded=True))
    kept(proxy, NOTHING_NEW, RULES)
    assert proxy.asked == ["all", "more, no reload"]


def test_nobody_is_told_that_it_serves_while_no_haproxy_runs() -> None:
    proxy = Scripted(ConfigurationRefused("a port is taken"))
    proxy.process.runs = False
    keeping, metrics, log = kept(proxy, NOTHING_NEW, ENDPOINTS)
    assert proxy.asked == ["all", "servers"]
    assert not keeping.is_serving
    assert count(metrics, "loads_total", reason="start", result="refused") == 1
    assert "HAProxy does not start" in log


def test_a_refused_configuration_leaves_the_old_one_serving() -> None:
    proxy = Scripted(Brought(), ConfigurationRefused("no such directive"))
    keeping, metrics, log = kept(proxy, NOTHING_NEW, RULES)
    assert keeping.is_serving
    assert count(metrics, "configurations_refused_total") == 1
    assert "the old one serves on" in log


@pytest.mark.parametrize(
    ("error", "said"),
    [
        pytest.param(RuntimeFailed("no"), "HAProxy did not take a change", id="HAProxy"),
        pytest.param(OSError(28, "full"), "files cannot be written", id="the disk"),
        pytest.param(KeyError("it"), "a defect: what is served stays", id="a defect of ours"),
    ],
)
def test_whatever_fails_is_counted_told_and_tried_again(error: Exception, said: str) -> None:
    proxy = Scripted(Brought(), error)
    keeping, metrics, log = kept(proxy, NOTHING_NEW, RULES, RULES)
    assert keeping.is_serving
    assert [it for it in proxy.asked if it != "files"] == ["all", "more", "more"]
    assert count(metrics, "runtime_failures_total") == 1
    assert said in log
    assert str(error.args[-1]) in log


def test_one_answer_that_does_not_come_is_no_reason_to_give_haproxy_up() -> None:
    proxy = Scripted(NoAnswer("in time"))
    kept(proxy, NOTHING_NEW)
    assert proxy.process.given_up == 0


def test_an_haproxy_that_dies_while_the_cluster_cannot_be_asked_is_started_again() -> None:
    proxy = Scripted()
    sight = Unlisted(proxy.process, looks=3)
    kept_by(proxy, sight)
    assert proxy.asked == ["resume"]
    assert sight.was_serving == [False, True, True, True]
