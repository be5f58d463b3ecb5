"""How a process that runs until it is stopped takes signals."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable

Told = Callable[[str], object]
"""Is told the name of the first signal."""


def stopped_by_signal(told: Told) -> asyncio.Event:
    """Return what the first SIGINT or SIGTERM sets; a second one ends the process at once."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    numbers = (signal.SIGINT, signal.SIGTERM)

    def end(number: signal.Signals) -> None:
        stop.set()
        for it in numbers:
            loop.remove_signal_handler(it)
            signal.signal(it, signal.SIG_DFL)  # SIGINT's would be a KeyboardInterrupt
        told(number.name)

    for number in numbers:
        loop.add_signal_handler(number, end, number)
    return stop
