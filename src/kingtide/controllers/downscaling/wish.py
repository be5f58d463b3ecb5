"""Whether a workload is to be up or down now, and by whose word.

The first of these that says something decides: exclusion, a wake-up on demand, force on its
namespace (or by a pod), a holiday, its periods, its uptime and downtime.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from kingtide.controllers.downscaling import names
from kingtide.controllers.downscaling.holidays import Holiday, holiday_at, holidays_change_after
from kingtide.controllers.downscaling.spec_book import SpecBook
from kingtide.controllers.downscaling.time_spec import BadTimeSpec
from kingtide.controllers.downscaling.words import Words, Written
from kingtide.fleet.policies.downscaling import DownscalingPolicy

State = Literal["up", "down", "leave"]
Word = Literal["", "Excluded", "Woken", "Forced", "Holiday"]


class Wish(msgspec.Struct, frozen=True, gc=False):
    """What a workload is to be; `leave` is whatever it is.

    `why` names what said so; `word` is empty where the timetable did. Nothing changes before
    `until_ms`, None for never.
    """

    state: State
    why: str
    word: Word = ""
    until_ms: int | None = None


class BadWord(ValueError):
    """Something that stands written about a workload and cannot be read; the message says where."""


class Asking:
    """What one pass knows beside the workload: the instant, the policy and who forces what."""

    def __init__(
        self,
        at_ms: int,
        policy: DownscalingPolicy,
        book: SpecBook,
        holidays: tuple[Holiday, ...],
        *,
        is_forced_up: bool = False,
    ) -> None:
        self.at_ms = at_ms
        self.policy = policy
        self.book = book
        self.holidays = holidays
        self.is_forced_up = is_forced_up

    def at(self, at_ms: int) -> Asking:
        """Return the same for another instant."""
        return Asking(at_ms, self.policy, self.book, self.holidays, is_forced_up=self.is_forced_up)

    def wish(self, words: Words) -> Wish:
        """Return what a workload is to be.

        Raises:
            BadWord: a time specification that decides cannot be read.
        """
        excluded = self._excluded(words)
        if excluded is not None:
            return excluded
        woken = self._woken(words)
        if woken is not None:
            return woken
        return self._bounded_by_force(self._forced(words) or self._by_timetable(words), words)

    def _excluded(self, words: Words) -> Wish | None:
        until_ms = words.until(names.EXCLUDE_UNTIL, self.at_ms)
        if not words.is_excluded and until_ms is None:
            return None
        # What was made smaller before it was excluded comes up once more.
        state: State = "leave" if self.policy.upscale_target_only else "up"
        if words.is_excluded:
            return Wish(state, names.EXCLUDE, "Excluded")
        return Wish(state, names.EXCLUDE_UNTIL, "Excluded", until_ms)

    def _woken(self, words: Words) -> Wish | None:
        until_ms = words.until(names.WAKE_UNTIL, self.at_ms)
        return None if until_ms is None else Wish("up", names.WAKE_UNTIL, "Woken", until_ms)

    def _forced(self, words: Words) -> Wish | None:
        forces: list[tuple[str, State, bool]] = [
            (names.FORCE_UPTIME, "up", self.is_forced_up),
            (names.FORCE_DOWNTIME, "down", False),
        ]
        for key, state, otherwise in forces:
            said = words.namespace.get(key)
            if said is None:
                holds, until_ms, why = otherwise, None, f"{key} on a pod"
            elif said.lower() in ("true", "false"):
                holds, until_ms, why = said.lower() == "true", None, f"{key} on its namespace"
            else:
                spec = Written(said, "namespace")
                holds, until_ms = self._holds(key, spec), self._change(key, spec)
                why = f"{key} {said} on its namespace"
            if holds:
                return Wish(state, why, "Forced", until_ms)
        return None

    def _by_timetable(self, words: Words) -> Wish:
        up, down = words.upscale_period, words.downscale_period
        if up.text.lower() != "never" or down.text.lower() != "never":
            wish = self._by_periods(up, down)
        else:
            wish = self._by_uptime(words.uptime, words.downtime)
            if wish.until_ms is None and wish.state == "up":
                return wish  # it has no timetable, so holidays are days as any other
        return self._on_holiday(wish)

    def _by_periods(self, up: Written, down: Written) -> Wish:
        is_up = self._holds(names.UPSCALE_PERIOD, up)
        is_down = self._holds(names.DOWNSCALE_PERIOD, down)
        until_ms = _earliest(
            self._change(names.UPSCALE_PERIOD, up), self._change(names.DOWNSCALE_PERIOD, down)
        )
        if is_up == is_down:
            return Wish("leave", "both periods" if is_up else "no period", "", until_ms)
        if is_up:
            return Wish("up", f"upscale period {up.text}", "", until_ms)
        return Wish("down", f"downscale period {down.text}", "", until_ms)

    def _by_uptime(self, up: Written, down: Written) -> Wish:
        # In this order, and the second only if the first holds: what is not asked need not be
        # readable.
        is_up = self._holds(names.UPTIME, up)
        is_down = is_up and self._holds(names.DOWNTIME, down)
        until_ms = self._change(names.UPTIME, up)
        if is_up:
            until_ms = _earliest(until_ms, self._change(names.DOWNTIME, down))
        if is_down:
            return Wish("down", f"downtime {down.text}", "", until_ms)
        return Wish("up" if is_up else "down", f"uptime {up.text}", "", until_ms)

    def _on_holiday(self, wish: Wish) -> Wish:
        until_ms = _earliest(wish.until_ms, holidays_change_after(self.holidays, self.at_ms))
        holiday = holiday_at(self.holidays, self.at_ms)
        if holiday is None:
            return msgspec.structs.replace(wish, until_ms=until_ms)
        spec = Written(self.policy.holiday_uptime, "policy")
        until_ms = _earliest(
            holidays_change_after(self.holidays, self.at_ms), self._change("holidayUptime", spec)
        )
        state: State = "up" if self._holds("holidayUptime", spec) else "down"
        return Wish(state, f"holiday {holiday.text}", "Holiday", until_ms)

    def _bounded_by_force(self, wish: Wish, words: Words) -> Wish:
        """Look again when a force that does not hold now may begin to."""
        until_ms = wish.until_ms
        for key in (names.FORCE_UPTIME, names.FORCE_DOWNTIME):
            said = words.namespace.get(key)
            if said is not None and said.lower() not in ("true", "false"):
                until_ms = _earliest(until_ms, self._change(key, Written(said, "namespace")))
        return msgspec.structs.replace(wish, until_ms=until_ms)

    def _holds(self, key: str, spec: Written) -> bool:
        try:
            return self.book.holds(spec.text, self.at_ms)
        except BadTimeSpec as error:
            raise BadWord(f"{key} ({spec.where}): {error}") from error

    def _change(self, key: str, spec: Written) -> int | None:
        try:
            return self.book.change_after(spec.text, self.at_ms)
        except BadTimeSpec as error:
            raise BadWord(f"{key} ({spec.where}): {error}") from error


def _earliest(one: int | None, other: int | None) -> int | None:
    if one is None or other is None:
        return other if one is None else one
    return min(one, other)
