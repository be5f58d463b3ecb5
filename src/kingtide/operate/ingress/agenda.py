"""When HAProxy is looked at as a whole, when it may be reloaded, and when a failure is tried again.

Times are monotonic seconds that the caller says.
"""

from __future__ import annotations

from typing import Literal

Why = Literal["settings", "crash", "look", "reload", "belief", "failure"]
"""Why all is looked at: other settings, a dead HAProxy, the usual look, a reload that had to wait,
addresses whose being gone is believed by now, a failure."""

LOOK_SECONDS = 5.0
"""Between two comparisons with all that HAProxy has, as haproxytech's controller syncs."""
FIRST_WAIT_SECONDS, LONGEST_WAIT_SECONDS = 0.1, 5.0
"""Between tries of what failed, doubling."""
UNANSWERED_SECONDS = 30.0
"""An HAProxy that says nothing at all for so long is given up: it answers within milliseconds, and
is asked three times meanwhile. It may serve on (somebody took its sockets away) or not (it hangs),
which its silence does not tell."""


class Agenda:
    """What is due. Empty at first: then all is due, and nothing has a reason."""

    def __init__(self) -> None:
        self._due: dict[Why, float] = {}
        self._may_reload_at = 0.0
        self._wait_seconds = FIRST_WAIT_SECONDS
        self._unanswered_since: float | None = None

    @property
    def is_new(self) -> bool:
        """Whether nothing was ever done."""
        return not self._due

    def due(self, now: float) -> tuple[Why, ...]:
        """Return why all is to be looked at now, nothing where it is not."""
        return tuple(why for why, at in self._due.items() if at <= now)

    def seconds_left(self, now: float) -> float:
        """Return how long nothing is due, 0 where something is."""
        return max(0.0, min(self._due.values(), default=now) - now)

    def may_reload(self, now: float) -> bool:
        """Return whether reloads are far enough apart."""
        return now >= self._may_reload_at

    @property
    def awaits_reload(self) -> bool:
        """Whether something waits for a reload that is not allowed yet."""
        return "reload" in self._due

    def ask(self, why: Why) -> None:
        """Have all looked at, at once."""
        self._due[why] = 0.0

    def reloads_until(self, at: float) -> None:
        """Note that HAProxy was loaded, or a reload was in vain: no other before then."""
        self._may_reload_at = at

    def settled(
        self, now: float, *, was_whole: bool, waits: bool, believes_at: float | None
    ) -> None:
        """Note that something was brought about: all of it, or the servers of some backends.

        `waits` where a reload has to come, `believes_at` when what is doubted will be believed.
        """
        self._wait_seconds = FIRST_WAIT_SECONDS
        if was_whole:
            self._due = {"look": now + LOOK_SECONDS}
            self._unanswered_since = None
        if waits:
            self._due["reload"] = max(self._may_reload_at, now)
        if believes_at is not None:
            self._due["belief"] = believes_at

    def failed(self, now: float) -> None:
        """Note a failure: all is tried again, later each time."""
        self._due = {"failure": now + self._wait_seconds}
        self._wait_seconds = min(2 * self._wait_seconds, LONGEST_WAIT_SECONDS)

    def unanswered(self, began: float, now: float) -> bool:
        """Note that HAProxy said nothing from `began` to now; return whether to give it up."""
        if self._unanswered_since is None:
            self._unanswered_since = began
        if now - self._unanswered_since < UNANSWERED_SECONDS:
            return False
        self._unanswered_since = None
        return True
