"""Keeps the agent of external authentication, where some backend has its requests asked about."""

from __future__ import annotations

import asyncio
import time

from kingtide.live.external_auth.process import AgentNotStarted, AuthAgent
from kingtide.operate.ingress.agenda import FIRST_WAIT_SECONDS, LONGEST_WAIT_SECONDS
from kingtide.operate.running.logs import DecisionLog

LOOK_SECONDS = 0.1
"""Between two looks whether it lives, as at HAProxy."""
END_SECONDS = 8.0
"""For questions that are open at the end; by then HAProxy has none."""


class AuthKeeping:
    """Starts the agent, adopts one that runs, and starts it again when it dies."""

    def __init__(self, agent: AuthAgent, log: DecisionLog) -> None:
        self.agent = agent
        self._log = log
        self._lock = asyncio.Lock()
        self._was_running = False
        self._wait_seconds = FIRST_WAIT_SECONDS
        self._not_before = 0.0

    async def run(self) -> None:
        """Keep it until cancelled, where HAProxy's files say that somebody is asked."""
        while True:
            if self.agent.is_wanted:
                await self.up()
            await asyncio.sleep(LOOK_SECONDS)

    async def up(self) -> None:
        """See that it runs; one that does not come up is tried again later, and told."""
        async with self._lock:
            if self.agent.is_running:
                self._was_running = True
                return
            if time.monotonic() < self._not_before:
                return
            if self._was_running:
                self._log.warn("the agent of external authentication has ended; it starts again")
            try:
                await self.agent.start()
            except (AgentNotStarted, OSError) as error:
                self._log.warn("no agent: who has to be asked about gets 503", why=str(error)[:500])
                self._not_before = time.monotonic() + self._wait_seconds
                self._wait_seconds = min(2 * self._wait_seconds, LONGEST_WAIT_SECONDS)
                return
            self._was_running = True
            self._wait_seconds = FIRST_WAIT_SECONDS
            self._log.note("the agent of external authentication runs")

    async def end(self) -> None:
        """End it, after HAProxy."""
        await self.agent.end(grace_seconds=END_SECONDS)
