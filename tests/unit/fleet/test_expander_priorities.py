from __future__ import annotations

import pytest

from kingtide.fleet.expander_priorities import PRIORITIES, priorities_of

ON_DEMAND, SPOT = "on-demand-a-4x", "spot-nodes-a-4x"


@pytest.mark.parametrize(
    ("on_demand", "spot", "text"),
    [
        pytest.param([], [], PRIORITIES, id="no groups yet"),
        pytest.param([ON_DEMAND], [SPOT], PRIORITIES, id="as the fleet names them"),
        pytest.param([], [SPOT], '50:\n  - "^spot-nodes-.*"\n', id="no pattern for nothing"),
        pytest.param(
            [ON_DEMAND, "nodes"], [],
            '10:\n  - "^on-demand-.*"\n  - "^nodes[.]"\n', id="a name of its own",
        ),
        pytest.param(
            ["spot-nodes-b"], [SPOT],
            '10:\n  - "^spot-nodes-b[.]"\n50:\n  - "^spot-nodes-a-4x[.]"\n',
            id="on-demand that is named like spot",
        ),
        pytest.param(
            ["a.b"], ["on-demand-c"],
            '10:\n  - "^a[.]b[.]"\n50:\n  - "^on-demand-c[.]"\n', id="spot named like on-demand",
        ),
    ],
)  # fmt: skip
def test_every_group_is_asked_in_its_turn(on_demand: list[str], spot: list[str], text: str) -> None:
    assert priorities_of(on_demand, spot) == text
