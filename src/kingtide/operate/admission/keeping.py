"""Keeps certificate, Secret and configurations as they should be, round after round."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Callable

import msgspec

from kingtide.certificates.pairs import KeyPair
from kingtide.fleet.policies.admission import AdmissionPolicy
from kingtide.live.kubernetes.failures import LiveFailure
from kingtide.live.kubernetes.performing.answers import FAILURES
from kingtide.live.kubernetes.performing.api import Api
from kingtide.operate.admission.authorities import Held, renewed
from kingtide.operate.admission.registration import Reach, register
from kingtide.operate.admission.secret import Kept, Lost, read_secret, write_secret

ROUND_SECONDS = 10.0
"""Between two looks. What changes is ten minutes away from mattering (authorities.SETTLE)."""
TRIES = 5
"""A round against other replicas; each try that is lost leaves a Secret that is younger."""


class Keeping:
    """`round` is one look; `show` is told of each new certificate."""

    def __init__(
        self,
        api: Api,
        reach: Reach,
        names: tuple[str, ...],
        policy: Callable[[], AdmissionPolicy],
        show: Callable[[KeyPair], None],
        now: Callable[[], dt.datetime] = lambda: dt.datetime.now(dt.UTC),
    ) -> None:
        self.is_registered = False
        self.held: Held | None = None
        self._api = api
        self._reach = reach
        self._names = names
        self._policy = policy
        self._show = show
        self._now = now

    async def run(self, troubled: Callable[[str, Exception], None]) -> None:
        """Look until cancelled; what fails is told, and tried again in the next round."""
        while True:
            try:
                await self.round()
            except (*FAILURES, LiveFailure) as error:
                troubled("certificates", error)
            await asyncio.sleep(ROUND_SECONDS)

    async def round(self) -> None:
        """Renew what is due, agree with the other replicas, and have it trusted.

        Raises:
            LiveFailure, TimeoutError, httpx2.HTTPError: the API server did not do its part.
        """
        kept = await self._agreed(lambda held: renewed(held, self._names, self._now()))
        held = kept.held
        assert held is not None
        self._take(held)
        self.is_registered = await register(self._api, self._policy(), self._reach, held.bundle)
        if self.is_registered and held.published is None:
            await self._agreed(lambda now_held: self._published(now_held, held))

    async def _agreed(self, change: Callable[[Held | None], Held]) -> Kept:
        """Change what all replicas hold, on top of what they hold now."""
        for _ in range(TRIES):
            kept = await read_secret(self._api)
            # A Secret that was deleted or spoilt is written again as we have it: new authorities
            # would have to be published first.
            before = self.held if kept is None or kept.held is None else kept.held
            after = change(before)
            if kept is not None and after == kept.held:
                return kept
            try:
                await write_secret(self._api, after, kept)
            except Lost:
                continue
        raise LiveFailure("the Secret of the certificates is written by others again and again")

    def _published(self, now_held: Held | None, told: Held) -> Held:
        """Note that an authority is in the caBundle, unless another has come since."""
        found = now_held or told
        if found.published is not None or found.authorities[0] != told.authorities[0]:
            return found
        return msgspec.structs.replace(found, published=self._now())

    def _take(self, held: Held) -> None:
        if self.held is None or self.held.serving != held.serving:
            self._show(held.serving)
        self.held = held
