"""How the priority ConfigMap is read."""

from __future__ import annotations

import pytest

from kingtide.controllers.node_autoscaling.priorities import (
    MAX_CONFIG_BYTES,
    Tier,
    highest_tier,
    read_priorities,
    tier_of,
)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        pytest.param(None, "missing", id="no ConfigMap"),
        pytest.param("", "empty", id="empty"),
        pytest.param(" \n", "empty", id="blank"),
        pytest.param("10: spot", "yaml", id="a pattern instead of a list"),
        pytest.param("high: [spot]", "yaml", id="a key that is no number"),
        pytest.param('"10": [spot]', "yaml", id="a key in quotes"),
        pytest.param("[spot]", "yaml", id="a list instead of a mapping"),
        pytest.param("10: [spot", "yaml", id="broken"),
        pytest.param("10: [[spot]]", "yaml", id="a list in the list"),
        pytest.param("!!python/object:os.system {}", "yaml", id="an object"),
        pytest.param('10: ["("]', "regex", id="an open group"),
        pytest.param('10: ["(?!spot)"]', "regex", id="look-ahead, which RE2 has not"),
        pytest.param("10: [spot]\n20: ['(']", "regex", id="one bad among good ones"),
    ],
)
def test_what_cannot_be_read_voids_the_whole(text: str | None, problem: str) -> None:
    read = read_priorities(text)
    assert read.problem == problem
    assert read.detail
    assert highest_tier(["a", "b"], read) == ("a", "b")


def test_tiers_come_highest_first_and_every_scalar_is_a_pattern() -> None:
    read = read_priorities("-1: [yes, 007]\n20:\n- spot-.*\n3: ~\n")
    assert read.tiers == (Tier(20, ("spot-.*",)), Tier(3, ()), Tier(-1, ("yes", "007")))


def test_of_a_key_written_twice_one_list_wins() -> None:
    assert read_priorities("10: [a]\n10: [b]").tiers == (Tier(10, ("b",)),)


def test_a_group_stands_in_the_highest_tier_that_matches() -> None:
    read = read_priorities("10: ['.*']\n20: [spot]")
    assert tier_of("my-spot-a", read) == 20
    assert tier_of("on-demand", read) == 10


def test_case_counts() -> None:
    assert tier_of("Spot", read_priorities("20: [spot]")) is None


def test_a_tier_below_minus_one_never_wins() -> None:
    read = read_priorities("-2: [a]")
    assert highest_tier(["a", "b"], read) == ("a", "b")


def test_an_unlisted_group_is_left_out_beside_a_listed_one() -> None:
    assert highest_tier(["a", "b"], read_priorities("-1: [a]")) == ("a",)


def test_a_text_is_read_up_to_the_size_of_a_config_map() -> None:
    text = "10: [spot]\n"
    most = text + "#" * (MAX_CONFIG_BYTES - len(text))
    assert read_priorities(most).problem is None
    assert read_priorities(most + "#").detail == "larger than a ConfigMap can be"
