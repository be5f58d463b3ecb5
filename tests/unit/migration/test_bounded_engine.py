from __future__ import annotations

import pytest

from kingtide.migration.bounded_engine import EngineRefused, Exhausted, rendered, yaml_as_json
from tests.unit.migration.inputs import told

ENDLESS = "{{ range until 100000 }}{{ range until 100000 }}{{ end }}{{ end }}"
TOO_LARGE = '{{ repeat 9000000000 "xxxxxxxx" }}'


def test_a_template_that_repeats_without_end_is_ended_and_the_next_one_is_rendered() -> None:
    with pytest.raises(Exhausted, match="more than 1 s of processor time or 3 GiB of memory"):
        rendered({"entry": ENDLESS}, strict=True, cpu_seconds=1)
    assert rendered({"entry": "{{ add 1 2 }}"}, strict=True) == "3"


def test_a_template_that_wants_more_memory_than_there_is_is_told_in_its_file() -> None:
    assert told(TOO_LARGE) == (
        "t1.tpl: takes more than 10 s of processor time or 3 GiB of memory; bound what it repeats"
    )


def test_a_template_that_prints_more_than_anybody_reads_is_refused() -> None:
    with pytest.raises(EngineRefused, match="prints more than 32 MiB"):
        rendered({"entry": '{{ repeat 45000000 "x" }}'}, strict=True)


def test_an_ended_process_is_started_again_for_yaml_too() -> None:
    with pytest.raises(Exhausted):
        rendered({"entry": TOO_LARGE}, strict=True)
    assert yaml_as_json("a: 1") == '{"a": 1}'
