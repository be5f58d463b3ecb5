"""Python's garbage collector, kept out of the way of ten thousands of objects that stay.

Reading 10,000 pods makes so many objects that the collector looks at all of them again and again:
it took four fifths of the time of decoding in our measurements.
Source: https://docs.python.org/3.11/library/gc.html#gc.freeze.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


class GarbageCollection:
    """Suspended while lists are read, several at once; what there is then is left alone for good.

    It is the process's, not the cluster's: there is one of these in a process.
    """

    def __init__(self) -> None:
        self._listing = 0
        self._is_frozen = False

    @contextmanager
    def suspended(self) -> Iterator[None]:
        """Suspend it until the last of those that are within leaves."""
        self._listing += 1
        gc.disable()
        try:
            yield
        finally:
            self._listing -= 1
            if not self._listing:
                gc.enable()

    def freeze(self) -> None:
        """Leave out what exists by now from all collections to come; once."""
        if not self._is_frozen:
            self._is_frozen = True
            gc.freeze()
