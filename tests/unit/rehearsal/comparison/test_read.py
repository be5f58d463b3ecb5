from __future__ import annotations

from pathlib import Path

import pytest

from kingtide.fleet.documents.mistakes import Mistakes
from kingtide.rehearsal.comparison.read import Choice, read_comparison
from tests.small_rehearsal import with_lines
from tests.unit.rehearsal.comparison.small import COMPARISON, write_comparison


def mistakes(folder: Path, *replaced: tuple[str, str], choice: Choice | None = None) -> list[str]:
    path = write_comparison(folder, with_lines(COMPARISON, *replaced))
    with pytest.raises(Mistakes) as raised:
        read_comparison(path, choice or Choice())
    return str(raised.value).replace(f"{folder}/", "").splitlines()


def test_a_comparison_is_read_with_its_scenarios(tmp_path: Path) -> None:
    plan = read_comparison(write_comparison(tmp_path))
    assert [row.name for row in plan.rows] == ["most", "early"]
    assert [row.seeds for row in plan.rows] == [{"plain": 3, "hot": 2}] * 2
    assert [row.unit for row in plan.rows] == ["pods", "pods"]
    assert plan.document == tmp_path / "fidelity.md"
    assert plan.tries_seeds == 1
    assert {one.scenarios for one in plan.tries} == {(tmp_path / "rehearsal.yaml",)}
    names = [one.name for one in plan.tries]
    assert names[-1] == "demand"
    assert "kubelet.pull_image" in names
    assert "metrics.scrape_interval" not in names


def test_a_row_whose_data_is_absent_is_skipped_and_says_why(tmp_path: Path) -> None:
    plan = read_comparison(write_comparison(tmp_path))
    assert [(row.name, row.reason) for row in plan.skipped] == [
        ("absent", "data.csv is not on this machine")
    ]


def test_the_command_line_chooses_rows_and_seeds(tmp_path: Path) -> None:
    plan = read_comparison(write_comparison(tmp_path), Choice(seeds=1, rows=("early",)))
    assert [(row.name, row.seeds) for row in plan.rows] == [("early", {"plain": 1, "hot": 1})]
    assert plan.tries_seeds == 0  # that row is not tried
    assert plan.skipped == ()


def test_a_relative_row_takes_both_scenarios(tmp_path: Path) -> None:
    text = with_lines(COMPARISON, ("resolution: 100", "relativeTo: {scenario: rehearsal.yaml}"))
    plan = read_comparison(write_comparison(tmp_path, text))
    early = plan.rows[1]
    assert early.unit == "percent"
    assert [path.name for path in early.scenarios] == ["other.yaml", "rehearsal.yaml"]
    assert [path.name for path in plan.scenarios] == ["rehearsal.yaml", "other.yaml"]
    columns = plan.columns_of(plan.scenarios[0])
    assert [(it.row.name, it.is_counterpart) for it in columns] == [
        ("most", False),
        ("early", True),
    ]


def test_a_difference_keeps_the_unit(tmp_path: Path) -> None:
    relative = "relativeTo: {scenario: rehearsal.yaml, as: difference}"
    text = with_lines(COMPARISON, ("resolution: 100", relative))
    plan = read_comparison(write_comparison(tmp_path, text))
    assert plan.rows[1].unit == "pods"


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        pytest.param(
            "reference: plain",
            "reference: plan",
            "comparison.yaml:10:14: spec.reference: there is no variant 'plan'; did you mean"
            " 'plain'?",
            id="reference",
        ),
        pytest.param(
            "resolution: 100",
            "relativeTo: {scenario: nowhere.yaml}",
            "comparison.yaml:26:30: spec.rows.early.relativeTo.scenario: nowhere.yaml does not"
            " exist; name an existing file",
            id="relative to nothing",
        ),
        pytest.param(
            "resolution: 1\n",
            "relativeTo: {scenario: other.yaml}\n",
            "comparison.yaml:16:7: spec.rows.most: is relative and cannot be tried; write"
            " `sensitivity: false`",
            id="relative and tried",
        ),
        pytest.param(
            "resolution: 100",
            'relativeTo: {scenario: rehearsal.yaml}\n      expect: "<= 4 pods"',
            "comparison.yaml:27:15: spec.rows.early.expect: early is in percent, not in pods; write"
            " the number in percent",
            id="expected in another unit",
        ),
        pytest.param(
            "hot: [policies.hpa.target=0.5]",
            "hot: [policies.hpa.targt=0.5]",
            "comparison.yaml:13:10: spec.policies.hpa.targt: unknown field; did you mean 'target'?",
            id="a variant's setting",
        ),
        pytest.param(
            "{figure: hpa.web.max_replicas}",
            "{figure: hpa.web.max_replica}",
            "comparison.yaml:18:25: spec.rows.most.measure.figure: there is no figure"
            " 'hpa.web.max_replica'; did you mean 'hpa.web.max_replicas'?",
            id="figure",
        ),
        pytest.param(
            "series: app.web.replicas",
            "series: app.wep.replicas",
            "comparison.yaml:25:25: spec.rows.early.measure.series: there is no series"
            " 'app.wep.replicas'; did you mean 'app.web.replicas'?",
            id="series",
        ),
        pytest.param(
            'until: "20:05"',
            'until: "20:15"',
            "comparison.yaml:25:62: spec.rows.early.measure.window: the start to 20:15 is no part"
            " of it; write two times within the rehearsal, the earlier first",
            id="a window past the end",
        ),
        pytest.param(
            "scenario: other.yaml",
            "scenario: others.yaml",
            "comparison.yaml:24:17: spec.rows.early.scenario: others.yaml does not exist; name an"
            " existing file",
            id="scenario",
        ),
        pytest.param(
            "low: [applications.web.demand.scale=0.5]",
            "low: [applications.wep.demand.scale=0.5]",
            "comparison.yaml:36:7: spec.sensitivity.judgements.demand: its settings fit none of"
            " the scenarios; check their paths",
            id="a judgement that fits nowhere",
        ),
        pytest.param(
            "resolution: 100",
            "resolutoin: 100",
            "comparison.yaml:26:7: spec.rows.early.resolutoin: unknown field; did you mean"
            " 'resolution'?",
            id="unknown field",
        ),
        pytest.param(
            "resolution: 100",
            "expect: quickly",
            "comparison.yaml:26:15: spec.rows.early.expect: 'early quickly' is not `figure"
            " operator number`; write for example unavailable.high.max_seconds <= 15s",
            id="expectation",
        ),
        pytest.param(
            "value: 30, ",
            "value: 30, atMost: 40, ",
            "comparison.yaml:19:18: spec.rows.most.published: needs one of value, from and to,"
            " atMost",
            id="two published figures",
        ),
        pytest.param(
            "{figure: hpa.web.max_replicas}",
            "{figure: hpa.web.max_replicas, over: min}",
            "comparison.yaml:18:16: spec.rows.most.measure: has settings that only a series takes;"
            " write only `figure:`",
            id="a figure with a series' settings",
        ),
    ],
)
def test_a_mistake_is_told_at_its_place(tmp_path: Path, old: str, new: str, expected: str) -> None:
    assert mistakes(tmp_path, (old, new)) == [expected]


def test_mistakes_are_told_together(tmp_path: Path) -> None:
    found = mistakes(
        tmp_path,
        ("{figure: hpa.web.max_replicas}", "{figure: cost}"),
        ("series: app.web.replicas", "series: cost"),
    )
    assert [line.split(" ")[1] for line in found] == [
        "spec.rows.most.measure.figure:",
        "spec.rows.early.measure.series:",
    ]


def test_an_unknown_row_is_a_mistake_of_the_command_line(tmp_path: Path) -> None:
    assert mistakes(tmp_path, choice=Choice(rows=("erly",))) == [
        "--row erly: there is no such row; did you mean 'early'?"
    ]
