"""What tests of real programs share."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.real.haproxy import short_folder


@pytest.fixture
def short_path() -> Iterator[Path]:
    """A folder of the test's own that leaves room for the names of sockets."""
    with short_folder() as found:
        yield found
