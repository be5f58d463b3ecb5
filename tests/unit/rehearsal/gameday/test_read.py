from __future__ import annotations

from pathlib import Path

import pytest

from kingtide.fleet.documents.mistakes import Mistakes
from kingtide.rehearsal.gameday.read import Choice, read_game_day
from kingtide.rehearsal.gameday.selection import ALL, Selection
from kingtide.twin.invariants.bounds import Bounds
from tests.small_rehearsal import write_small

GAME_DAY = """\
apiVersion: fleet.kingtide.dev/v1alpha1
kind: GameDay
metadata: {name: friday}
spec:
  seeds: 7
  faults: [ice, zone-loss]
  bounds: {converge: 10m}
  reach: [preemption]
"""


def test_a_scenario_alone_is_played_with_the_defaults(tmp_path: Path) -> None:
    plan = read_game_day(write_small(tmp_path))
    assert (plan.name, plan.seeds, plan.selection, plan.bounds) == ("small", 200, ALL, Bounds())
    assert plan.priority_classes == ("high", "low")


def test_a_folder_is_played_as_its_game_day_says(tmp_path: Path) -> None:
    write_small(tmp_path)
    (tmp_path / "gameday.yaml").write_text(GAME_DAY)
    plan = read_game_day(tmp_path)
    assert (plan.name, plan.seeds, plan.path) == ("friday", 7, tmp_path)
    assert plan.selection == Selection(("ice", "zone-loss"))
    assert plan.bounds.converge_seconds == 600
    assert plan.reach == ("preemption",)
    assert read_game_day(tmp_path / "gameday.yaml").bounds == plan.bounds


def test_the_command_line_lies_over_the_file(tmp_path: Path) -> None:
    write_small(tmp_path)
    (tmp_path / "gameday.yaml").write_text(GAME_DAY)
    plan = read_game_day(tmp_path, Choice(seeds=1, first_seed=17, faults=("ice#2",)))
    assert (plan.seeds, plan.first_seed) == (1, 17)
    assert plan.selection == Selection(("ice#2",))


def test_every_mistake_is_told_at_its_place(tmp_path: Path) -> None:
    write_small(tmp_path)
    text = GAME_DAY.replace("[ice,", "[icy,").replace("preemption", "preemptoin")
    (tmp_path / "gameday.yaml").write_text(text)
    with pytest.raises(Mistakes) as found:
        read_game_day(tmp_path, Choice(faults=("zoneloss",)))
    told = str(found.value)
    assert "gameday.yaml:6:11: there is no kind of fault 'icy'" in told
    assert "gameday.yaml:8:10: there is no condition 'preemptoin'" in told
    assert (
        "--faults zoneloss: there is no kind of fault 'zoneloss'; did you mean 'zone-loss'" in told
    )


def test_a_folder_of_several_scenarios_is_no_game_day(tmp_path: Path) -> None:
    scenario = write_small(tmp_path)
    text = scenario.read_text()
    scenario.unlink()
    for name in ("one", "two"):
        (tmp_path / f"{name}.yaml").write_text(text.replace("name: small", f"name: {name}"))
    with pytest.raises(Mistakes, match="holds 2 scenarios"):
        read_game_day(tmp_path)
