import pytest

from kingtide.kube.taints import Taint, TaintEffect, Toleration, tolerates, untolerated

TAINT = Taint("dedicated", "NoSchedule", "gpu")


@pytest.mark.parametrize(
    ("toleration", "is_tolerated"),
    [
        pytest.param(
            Toleration("dedicated", "Equal", "gpu", "NoSchedule"), True, id="the very one"
        ),
        pytest.param(Toleration("dedicated", "Equal", "gpu"), True, id="any effect"),
        pytest.param(Toleration("dedicated", "Exists"), True, id="any value and effect"),
        pytest.param(Toleration("dedicated", "Exists", "", "NoSchedule"), True, id="any value"),
        pytest.param(Toleration("", "Exists"), True, id="everything"),
        pytest.param(Toleration("", "Exists", "", "NoSchedule"), True, id="every key"),
        pytest.param(Toleration("dedicated", "Equal", "cpu"), False, id="another value"),
        pytest.param(Toleration("dedicated", "Equal"), False, id="an empty value"),
        pytest.param(Toleration("other", "Exists"), False, id="another key"),
        pytest.param(
            Toleration("dedicated", "Equal", "gpu", "NoExecute"), False, id="another effect"
        ),
        pytest.param(
            Toleration("", "Exists", "", "NoExecute"), False, id="every key, other effect"
        ),
        pytest.param(Toleration(), False, id="no key with Equal"),
    ],
)
def test_a_toleration_covers_a_taint(toleration: Toleration, *, is_tolerated: bool) -> None:
    assert tolerates(toleration, TAINT) is is_tolerated


def test_a_taint_without_a_value_is_covered_by_equal_without_a_value() -> None:
    assert tolerates(Toleration("dedicated", "Equal"), Taint("dedicated", "NoSchedule"))


@pytest.mark.parametrize(
    ("effect", "refused"), [("NoSchedule", True), ("NoExecute", True), ("PreferNoSchedule", False)]
)
def test_only_hard_taints_keep_pods_away(effect: TaintEffect, *, refused: bool) -> None:
    assert (untolerated([Taint("a", effect)], ()) is not None) is refused


def test_the_first_taint_that_nothing_tolerates_is_told() -> None:
    taints = [Taint("a", "NoSchedule"), Taint("b", "NoExecute"), Taint("c", "NoSchedule")]
    assert untolerated(taints, (Toleration("a", "Exists"),)) == taints[1]
    assert untolerated(taints, (Toleration("", "Exists"),)) is None
    assert untolerated([], ()) is None


def test_which_effects_matter_is_the_callers_choice() -> None:
    taints = [Taint("a", "NoSchedule"), Taint("b", "PreferNoSchedule")]
    assert untolerated(taints, (), ("PreferNoSchedule",)) == taints[1]
