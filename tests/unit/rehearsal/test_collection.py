from __future__ import annotations

from pathlib import Path

import pytest

from kingtide.fleet.documents.mistakes import Mistakes
from kingtide.rehearsal.collection import scenario_files
from tests.small_rehearsal import SCENARIO, write_small


def test_a_file_is_itself(tmp_path: Path) -> None:
    assert scenario_files(tmp_path / "a.yaml") == (tmp_path / "a.yaml",)


def test_a_folder_with_a_main_file_is_that_file(tmp_path: Path) -> None:
    for name in ("rehearsal.yaml", "other.yaml"):
        (tmp_path / name).write_text("kind: Rehearsal\n")
    assert scenario_files(tmp_path) == (tmp_path / "rehearsal.yaml",)


def test_a_folder_of_scenarios_is_all_of_them_but_the_bases(tmp_path: Path) -> None:
    (tmp_path / "base.yaml").write_text("kind: Rehearsal\n")
    (tmp_path / "b.yaml").write_text("kind: Rehearsal\nextends: base.yaml\n")
    (tmp_path / "a.yaml").write_text("kind: Rehearsal\nextends: ./base.yaml\n")
    (tmp_path / "c.yaml").write_text("extends: b.yaml\n")
    (tmp_path / "latencies.yaml").write_text("kind: Latencies\n")
    assert [p.name for p in scenario_files(tmp_path)] == ["a.yaml", "b.yaml", "c.yaml"]


def test_mistakes_of_all_files_of_a_folder_are_told(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("a: [\n")
    (tmp_path / "b.yaml").write_text("extends: [a]\n")
    with pytest.raises(Mistakes) as caught:
        scenario_files(tmp_path)
    assert len(caught.value.all) == 2


def test_a_folder_without_scenarios_is_a_mistake(tmp_path: Path) -> None:
    (tmp_path / "latencies.yaml").write_text("kind: Latencies\n")
    with pytest.raises(Mistakes, match=r"holds no files of kind Rehearsal and no rehearsal\.yaml"):
        scenario_files(tmp_path)


def test_the_scenarios_of_a_fleet_stand_in_it(tmp_path: Path) -> None:
    write_small(tmp_path)
    fleet = tmp_path / "fleet"
    with pytest.raises(Mistakes, match=r"fleet/rehearsals: holds no files of kind Rehearsal"):
        scenario_files(fleet)
    (fleet / "rehearsals").mkdir()
    for name in ("one", "two"):
        text = SCENARIO.replace("fleet: fleet", "fleet: ..").replace("name: small", f"name: {name}")
        (fleet / "rehearsals" / f"{name}.yaml").write_text(text)
    found = scenario_files(fleet)
    assert [path.name for path in found] == ["one.yaml", "two.yaml"]
    (fleet / "rehearsal.yaml").write_text(SCENARIO.replace("fleet: fleet", "fleet: ."))
    assert scenario_files(fleet) == (fleet / "rehearsal.yaml",)
