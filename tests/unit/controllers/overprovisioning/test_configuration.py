"""The steps of a configuration hold whole numbers."""

from __future__ import annotations

import pytest

from kingtide.controllers.overprovisioning.configuration import ConfigurationError, read_mode
from kingtide.controllers.overprovisioning.ladder import Ladder


@pytest.mark.parametrize("written", ["true", '"1"', "1.5", "1e3", "null", "[1]"])
def test_what_is_no_whole_number_is_no_step(written: str) -> None:
    with pytest.raises(ConfigurationError, match="write a whole number"):
        read_mode("ladder", f'{{"coresToReplicas": [[{written}, 1]]}}')


def test_a_step_is_two_whole_numbers() -> None:
    found = read_mode("ladder", '{"coresToReplicas": [[16, 4]]}')
    assert isinstance(found, Ladder)
    assert [(it.threshold, it.replicas) for it in found.cores] == [(16, 4)]
