import pytest

from kingtide.kube.int_or_percent import NotAnAmount, is_percentage, scaled


@pytest.mark.parametrize(
    ("text", "total", "up", "down"),
    [
        pytest.param("3", 10, 3, 3, id="a number"),
        pytest.param("3", 1, 3, 3, id="a number above the total"),
        pytest.param("25%", 10, 3, 2, id="the docs' 25 % of 10"),
        pytest.param("50%", 7, 4, 3, id="the docs' 50 % of 7"),
        pytest.param("30%", 10, 3, 3, id="a whole number of pods"),
        pytest.param("1%", 1, 1, 0, id="less than one pod"),
        pytest.param("0%", 10, 0, 0, id="nothing"),
        pytest.param("100%", 10, 10, 10, id="all"),
        pytest.param("150%", 10, 15, 15, id="more than all"),
        pytest.param("25%", 0, 0, 0, id="of nothing"),
    ],
)
def test_an_amount_becomes_whole_pods(text: str, total: int, up: int, down: int) -> None:
    assert scaled(text, total, round_up=True) == up
    assert scaled(text, total, round_up=False) == down


@pytest.mark.parametrize("text", ["", "%", "-1", "2.5%", "1_0", "25 %", "٣", "some", "1e3"])
def test_what_is_no_amount_is_said_to_be_none(text: str) -> None:
    with pytest.raises(NotAnAmount, match="neither a number of pods nor a percentage"):
        scaled(text, 10, round_up=True)


def test_only_a_percentage_is_relative() -> None:
    assert is_percentage("5%")
    assert not is_percentage("5")
