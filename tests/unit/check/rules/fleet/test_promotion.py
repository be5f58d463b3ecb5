from __future__ import annotations

import pytest

from tests.unit.check.example_fleet import GOOD_FLEET
from tests.unit.check.rules.checking import found

CANARY = """\
apiVersion: fleet.kingtide.dev/v1alpha1
kind: Stage
metadata: {name: canary}
spec: {maxParallel: 1}
"""


@pytest.mark.parametrize(
    ("order", "told"),
    [
        pytest.param("[canary, prod]", [], id="all of them"),
        pytest.param("[]", [], id="no order"),
        pytest.param(
            "[prod]",
            [("clusters/prod.yaml", "the fleet's order of stages leaves 'canary' out")],
            id="one left out",
        ),
        pytest.param(
            "[canary, prood, prod]",
            [("fleet.yaml", "there is no stage 'prood'")],
            id="one that is none",
        ),
    ],
)
def test_the_order_names_the_stages_of_clusters(order: str, told: list[tuple[str, str]]) -> None:
    fleet = GOOD_FLEET["fleet.yaml"].replace("stages: [prod]", f"stages: {order}")
    said = found("KT115", "stage: canary", fleet=fleet, stages__canary=CANARY)
    assert [(it.place.file, it.wrong.split(":")[0]) for it in said] == told
