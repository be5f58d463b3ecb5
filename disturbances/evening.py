"""An evening with disturbances: starts everything, does what the plan says, and waits for calm."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import msgspec

from disturbances.audit import Write, is_ours, pid_of, read_audit, read_journals
from disturbances.plan import Disturbance, Kind
from disturbances.processes import Runner, Twin
from disturbances.rules.leadership import terms
from disturbances.rules.rule import Evidence
from disturbances.sight import Sight

PROCESSES = 3
LOOK_SECONDS = 1.0
"""How often it is looked at how many nodes there are."""
IN_ACTION_SECONDS = 10.0
"""How long a stop waits for its process to be doing something; then any moment will do."""
KILLED_AFTER = 0.05
"""What part of its seconds a kill comes after that: 25 to 150 ms, before, in or after the write,
and before the pass has been told."""
HARMLESS_ENDS = (3, -signal.SIGTERM)
"""Exit statuses of a process that had not begun: its API server does not answer when it starts, or
SIGTERM comes before it listens to signals."""
LEADS_SECONDS = 90.0
"""Within which somebody leads once nothing is disturbed any more."""

Tell = Callable[[str], None]


class Course(msgspec.Struct, frozen=True):
    """What happened: the evidence, what was done to whom, and the figures of the cluster."""

    evidence: Evidence
    done: Mapping[Kind, int]
    most_nodes: int
    cuts: int
    starts: int
    alarms: int
    """Processes that were ended by the alarm of a write in which they stood still."""
    unfinished: tuple[str, ...]
    """What had not come to rest when the time for it was over; empty when all is well."""


class Evening:
    """One twin and its processes, disturbed as planned."""

    def __init__(
        self, folder: Path, seed: int, speed: float, tell: Tell, processes: int = PROCESSES
    ) -> None:
        self._processes = processes
        self._twin = Twin(folder, seed, speed)
        self._tell = tell
        self._runners: tuple[Runner, ...] = ()
        self._done: dict[Kind, int] = {}
        self._killed: list[int] = []

    async def play(self, disturbances: Sequence[Disturbance], calm_seconds: float) -> Course:
        """Run it all, and return what came of it.

        Raises:
            NotStarted: the twin does not start, or nobody leads at first.
        """
        sight: Sight | None = None
        try:
            await self._twin.ready()
            sight = Sight(self._twin)
            self._runners = tuple(Runner(f"run-{n}", self._twin) for n in range(self._processes))
            for runner in self._runners:
                await runner.open()
                runner.start()
            looking = asyncio.create_task(sight.watch(LOOK_SECONDS))
            began = await self._somebody_leads()
            for it in disturbances:
                await asyncio.sleep(max(0.0, began + it.at_seconds - time.monotonic()))
                await self._disturb(it, time.monotonic() - began)
            unfinished = await self._comes_to_rest(sight, calm_seconds)
            looking.cancel()
            await asyncio.gather(looking, return_exceptions=True)
        finally:
            if sight is not None:
                await sight.close()
            for runner in self._runners:
                await runner.close()
            self._twin.end()
        return self._course(sight, unfinished)

    # ------------------------------------------------------------ who leads

    def _writes(self) -> tuple[Write, ...]:
        text = self._twin.audit.read_bytes()
        return read_audit(text[: text.rfind(b"\n") + 1].splitlines())

    def _leader(self) -> Runner | None:
        """Return the place of who leads as the audit has it, None for nobody that runs."""
        led = terms(Evidence(self._writes()))
        pid = pid_of(led[-1][1]) if led else 0
        return next((it for it in self._runners if pid and it.pid == pid), None)

    async def _somebody_leads(self) -> float:
        ends = time.monotonic() + LEADS_SECONDS
        while self._leader() is None and time.monotonic() < ends and self._twin.is_up:
            await asyncio.sleep(0.2)
        return time.monotonic()

    # ------------------------------------------------------------ one disturbance

    async def _disturb(self, it: Disturbance, at_seconds: float) -> None:
        leader = self._leader()
        target = leader if it.of_leader and leader is not None else self._other(leader)
        self._done[it.kind] = self._done.get(it.kind, 0) + 1
        whom = target.name if it.of_leader or it.kind in ("kill", "stop", "terminate") else "all"
        whom += " (leads)" if target is leader else ""
        self._tell(f"{at_seconds:6.1f} s  {it.kind:<15} {whom:<18} {it.seconds:g} s")
        if it.kind in ("kill", "terminate"):
            await self._end(target, it)
        elif it.kind in ("stop", "stop-in-action"):
            await self._stop(target, it)
        else:
            await self._disturb_network((target,) if it.of_leader else self._runners, it)
        for runner in self._runners:
            if not runner.pid:  # what stood still too long in a write has ended itself
                runner.start()

    def _other(self, leader: Runner | None) -> Runner:
        return next(it for it in self._runners if it is not leader)

    async def _end(self, target: Runner, it: Disturbance) -> None:
        if it.kind == "kill":
            await self._in_action(target)
            await asyncio.sleep(it.seconds * KILLED_AFTER)
            self._killed.append(target.pid)
        target.send(signal.SIGKILL if it.kind == "kill" else signal.SIGTERM)
        if not await target.ends(30):
            self._killed.append(target.pid)
            target.send(signal.SIGKILL)
            await target.ends(10)
        await asyncio.sleep(it.seconds)

    async def _in_action(self, target: Runner) -> None:
        """Wait until a process is about to change something, for so long only."""
        target.in_action.clear()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(target.in_action.wait(), IN_ACTION_SECONDS)

    async def _stop(self, target: Runner, it: Disturbance) -> None:
        pid = target.pid
        if it.kind == "stop-in-action":
            await self._in_action(target)
        target.send(signal.SIGSTOP)
        await asyncio.sleep(it.seconds)
        target.send(signal.SIGCONT)
        await target.ends(0.3)
        if target.ended.get(pid) == -signal.SIGALRM:
            self._killed.append(pid)

    async def _disturb_network(self, runners: Sequence[Runner], it: Disturbance) -> None:
        doors = [door for runner in runners for door in (runner.api, runner.aws)]
        if it.kind == "cut-watches":
            for runner in runners:
                runner.api.cut()
        elif it.kind == "delay":
            for door in doors:
                door.hold()
            await asyncio.sleep(it.seconds)
            for door in doors:
                door.let_pass()
        else:
            down = [runner.api if it.kind == "api-down" else runner.aws for runner in runners]
            for door in down:
                door.go_down()
            await asyncio.sleep(it.seconds)
            for door in down:
                door.come_up()

    # ------------------------------------------------------------ the end

    async def _comes_to_rest(self, sight: Sight, seconds: float) -> tuple[str, ...]:
        self._tell("        nothing is disturbed any more")
        ends = time.monotonic() + seconds
        unfinished: tuple[str, ...] = ("nothing was seen",)
        while unfinished and time.monotonic() < ends and self._twin.is_up:
            await asyncio.sleep(LOOK_SECONDS)
            unfinished = () if self._leader() is not None else ("nobody leads",)
            unfinished += await sight.unfinished()
        return unfinished if self._twin.is_up else ("kingtide up ended", *unfinished)

    def _course(self, sight: Sight, unfinished: tuple[str, ...]) -> Course:
        journals = {
            pid: read_journals([file])
            for runner in self._runners
            for pid, file in zip(runner.pids, runner.journals, strict=True)
        }
        evidence = Evidence(self._writes(), journals, frozenset(self._killed))
        wrote = {pid_of(it.who) for it in evidence.writes if is_ours(it)}
        crashed = tuple(
            f"{runner.name} (process {pid}) ended with status {status}"
            for runner in self._runners
            for pid, status in runner.ended.items()
            if status
            and pid not in self._killed
            # Started while its door was closed: it says so and ends, and is started again. Or told
            # to end while it was still starting. Neither has done anything.
            and not (status in HARMLESS_ENDS and pid not in wrote and not journals[pid])
        )
        return Course(
            evidence,
            self._done,
            sight.most_nodes,
            sum(door.cuts for it in self._runners for door in (it.api, it.aws)),
            sum(it.starts for it in self._runners),
            sum(it == -signal.SIGALRM for at in self._runners for it in at.ended.values()),
            (*unfinished, *crashed),
        )
