"""What functions of the mutated rooms have kept of earlier calls: cleared before each test.

A test that gets a kept answer does not reach the function, and notices no mutant of it.
"""

from __future__ import annotations

import sys
from functools import _lru_cache_wrapper

_ROOMS = ("kingtide.control.", "kingtide.controllers.")


def clear_caches() -> None:
    """Have every cached function of the rooms begin anew."""
    for name, module in list(sys.modules.items()):
        if name.startswith(_ROOMS):
            for thing in vars(module).values():
                if isinstance(thing, _lru_cache_wrapper):
                    thing.cache_clear()
