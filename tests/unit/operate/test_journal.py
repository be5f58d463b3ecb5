from __future__ import annotations

from pathlib import Path

import pytest

from kingtide.operate.failures import RunInTheWay
from kingtide.operate.journal import JOURNAL_FILE, open_journal

AT = "2026-03-23T20:45:00Z"


def at() -> str:
    return AT


def test_events_are_read_back_as_they_were_written(tmp_path: Path) -> None:
    with open_journal(tmp_path, at) as journal:
        journal.write("began", plan="abc")
        journal.write("step started", cluster="prod", step="01-access", attempt=1)
        journal.write("step ended", cluster="prod", step="01-access", attempt=1, outcome="done")
    with open_journal(tmp_path, at) as journal:
        assert journal.plan == "abc"
        assert journal.is_done("prod", "01-access")
        assert not journal.is_done("prod", "02-desired-state")
        assert not journal.is_finished
        assert {it.at for it in journal.entries} == {AT}


def test_a_step_that_failed_has_begun_and_is_not_done(tmp_path: Path) -> None:
    with open_journal(tmp_path, at) as journal:
        journal.write("step started", cluster="prod", step="01-access", attempt=1)
        journal.write("step ended", cluster="prod", step="01-access", attempt=1, outcome="failed")
        assert journal.has_begun("prod", "01-access")
        assert not journal.is_done("prod", "01-access")


@pytest.mark.parametrize("cut", range(1, 40, 3))
def test_a_line_that_was_cut_counts_as_not_written(tmp_path: Path, cut: int) -> None:
    with open_journal(tmp_path, at) as journal:
        journal.write("began", plan="abc")
        journal.write("step ended", cluster="prod", step="01-access", outcome="done")
    file = tmp_path / JOURNAL_FILE
    file.write_bytes(file.read_bytes()[:-cut])
    with open_journal(tmp_path, at) as journal:
        # Without its line break alone the line is whole.
        assert journal.is_done("prod", "01-access") == (cut == 1)
        journal.write("step started", cluster="prod", step="01-access")
    with open_journal(tmp_path, at) as journal:
        assert journal.plan == "abc"
        assert journal.has_begun("prod", "01-access")


def test_a_journal_has_one_writer(tmp_path: Path) -> None:
    in_use = pytest.raises(RunInTheWay, match="is in use")
    with open_journal(tmp_path, at), in_use, open_journal(tmp_path, at):
        pass
    with open_journal(tmp_path, at) as journal:
        assert journal.entries == ()
