from __future__ import annotations

import pytest

from kingtide.aws.instance_type_table import ON_DEMAND_REGIONS, SPOT_REGIONS
from kingtide.check.rules.groups.regions import REGIONS
from tests.unit.check.rules.checking import found


@pytest.mark.parametrize("region", sorted({*ON_DEMAND_REGIONS, *SPOT_REGIONS}))
def test_every_region_with_prices_is_known(region: str) -> None:
    assert region in REGIONS


def test_a_misspelt_region_is_told_where_it_is_written() -> None:
    (it,) = found("KT213", "region: eu-wset-1")
    assert (it.field, it.instead) == ("spec.region", "did you mean 'eu-west-1'?")
    assert found("KT213", "region: us-gov-west-1") == []
