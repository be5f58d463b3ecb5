"""Ends a process that stood still in the middle of a write until another may lead.

Between the last look at the lease's age and the bytes that leave lie some hundred microseconds, and
a connection that may have to be made. A process that is stopped there (SIGSTOP, a frozen cgroup, a
machine without memory) would send its request whenever it goes on, and AWS has no precondition that
could refuse it. So the kernel is asked, before that look, to send SIGALRM at the moment from which
another may lead. Its default action is to end the process, it is pending while the process is
stopped, and what is pending is acted on before any instruction of the program: nothing is sent.
Who runs controllers starts them again; what they know stands on objects.

A write that ends in time takes the alarm back, and its own timeout (5 s) lies before it: a process
that runs never hears it. It does not help against what left in time and is late on the network.
Source: https://man7.org/linux/man-pages/man2/setitimer.2.html, signal.7 (Linux man-pages 6.9).
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

MARGIN_SECONDS = 0.5
"""Before another may lead: its clock and ours may run apart a little in 15 s, and a timer is late
on a busy machine."""


def _set_timer(seconds: float) -> None:
    if signal.getsignal(signal.SIGALRM) is signal.SIG_DFL:
        signal.setitimer(signal.ITIMER_REAL, seconds)


class WriteAlarm:
    """The process' one alarm, while at least one write is under way. For any thread.

    Where the program has a handler of SIGALRM, as a test's timeout is, it is left alone.

    Args:
        seconds_left: How long nobody else may lead, by the lease as last renewed.
        set_timer: Sets the alarm, or takes it back with 0.
    """

    def __init__(
        self,
        seconds_left: Callable[[], float],
        set_timer: Callable[[float], object] = _set_timer,
    ) -> None:
        self._seconds_left = seconds_left
        self._set_timer = set_timer
        self._lock = threading.Lock()
        self._under_way = 0

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Have the alarm set while within; to be entered before the lease's age is looked at."""
        with self._lock:
            self._under_way += 1
            self._set()
        try:
            yield
        finally:
            with self._lock:
                self._under_way -= 1
                if not self._under_way:
                    self._set_timer(0)

    def renewed(self) -> None:
        """Put the alarm off, because the lease was renewed."""
        with self._lock:
            if self._under_way:
                self._set()

    def _set(self) -> None:
        """Set the alarm; without a lease nothing is written, and nothing is to be prevented."""
        seconds = self._seconds_left() - MARGIN_SECONDS
        if seconds > 0:
            self._set_timer(seconds)
