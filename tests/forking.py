"""Forks of a process that runs tests."""

from __future__ import annotations

import os
import warnings


def forked() -> int:
    """Fork as `os.fork` does, without the warning of Python 3.12 and later.

    The other thread is that of the tests' own worker (execnet): it waits for bytes of its pipe, and
    the child needs nothing that it holds.
    """
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "This process .* is multi-threaded", DeprecationWarning)
        return os.fork()
