from __future__ import annotations

import pytest

from kingtide.check.rules.kops import schema
from tests.unit.check.rules.kops.documents import SPOT, Change, faults


@pytest.mark.parametrize(
    ("change", "misspelt", "unfamiliar"),
    [
        pytest.param((SPOT, ("spec", "maxPrise"), "1"), [f"{SPOT} spec.maxPrise"], [], id="near"),
        pytest.param((SPOT, ("spec", "MAXSIZE"), 1), [f"{SPOT} spec.MAXSIZE"], [], id="case"),
        pytest.param((SPOT, ("spec", "flavour"), "x"), [], [f"{SPOT} spec.flavour"], id="other"),
        pytest.param((SPOT, ("spec", "kubelet"), {"flavour": "x"}), [], [], id="below any"),
        pytest.param((SPOT, ("spec", "nodeLabels"), {"flavour": "x"}), [], [], id="a label"),
        pytest.param(
            ("", ("spec", "subnets", 0, "zones"), "x"),
            ["Cluster spec.subnets[0].zones"],
            [],
            id="in a list",
        ),
    ],
)
def test_a_field_is_known_or_told(
    change: Change, misspelt: list[str], unfamiliar: list[str]
) -> None:
    assert faults(schema._misspelt, change) == misspelt
    assert faults(schema._unfamiliar, change) == unfamiliar


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        pytest.param((SPOT, ("spec", "maxSize"), "5"), [f"{SPOT} spec.maxSize"], id="text"),
        pytest.param((SPOT, ("spec", "maxSize"), True), [f"{SPOT} spec.maxSize"], id="switch"),
        pytest.param((SPOT, ("spec", "autoscale"), 1), [f"{SPOT} spec.autoscale"], id="number"),
        pytest.param((SPOT, ("spec", "taints"), "a"), [f"{SPOT} spec.taints"], id="no list"),
        pytest.param((SPOT, ("spec", "taints"), [1]), [f"{SPOT} spec.taints"], id="of numbers"),
        pytest.param((SPOT, ("spec", "warmPool"), 1), [f"{SPOT} spec.warmPool"], id="no map"),
        pytest.param((SPOT, ("spec", "rollingUpdate"), {"maxSurge": "10%"}), [], id="a percentage"),
        pytest.param((SPOT, ("spec", "kubelet"), 1), [], id="anything"),
    ],
)
def test_a_value_is_of_its_fields_kind(change: Change, expected: list[str]) -> None:
    assert faults(schema._wrong_kinds, change) == expected
