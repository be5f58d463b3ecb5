"""A peak through the ingress: what keeps failures from clients, taken away one by one."""

from __future__ import annotations

from pathlib import Path

import pytest

from kingtide.rehearsal.prepare import prepare
from kingtide.rehearsal.record import RunRecord
from kingtide.rehearsal.run import Run

NAMES = ("rehearsal", "closes-at-once", "no-retries", "no-notice")


@pytest.fixture(scope="module")
def records(repository: Path) -> dict[str, RunRecord]:
    folder = repository / "examples" / "ingress-peak"
    return {name: Run(prepare(folder / f"{name}.yaml")).record() for name in NAMES}


def figure(record: RunRecord, name: str) -> float:
    value = record.figures[f"requests.{name}"].value
    assert value is not None
    return value


@pytest.mark.parametrize("name", NAMES)
def test_the_example_is_as_it_expects(records: dict[str, RunRecord], name: str) -> None:
    assert [it.expression for it in records[name].expectations if not it.passed] == []


def test_what_is_tried_elsewhere_with_retries_fails_without(
    records: dict[str, RunRecord],
) -> None:
    tried = figure(records["closes-at-once"], "retries")
    refused = figure(records["no-retries"], "refused")
    # Some are tried twice, where two pods of a node close their ports at once; and pods that are
    # asked less bring about other sizes.
    assert refused == pytest.approx(tried, rel=0.05)


def test_series_add_up_to_figures(records: dict[str, RunRecord]) -> None:
    for record in records.values():
        for measure, name in (("failed", "failed"), ("tried_again", "retries")):
            whole = sum(record.series[f"requests.{measure}"].values)
            assert whole == pytest.approx(figure(record, name), abs=0.01)
            parts = [sum(record.series[f"app.{app}.{measure}"].values) for app in ("web", "cart")]
            assert sum(parts) == pytest.approx(whole, abs=0.01)


def test_clients_ask_the_same_in_all(records: dict[str, RunRecord]) -> None:
    assert len({figure(record, "total") for record in records.values()}) == 1
