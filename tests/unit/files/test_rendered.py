from __future__ import annotations

from pathlib import Path, PurePosixPath

import pytest

from kingtide.files.rendered import Differences, bring_up_to_date, differences
from kingtide.files.writing import NotWritable

HEADER = b"# generated\n"
ONE, TWO = PurePosixPath("a/one.yaml"), PurePosixPath("a/tools/two.yaml")
FILES = {ONE: HEADER + b"1\n", TWO: HEADER + b"2\n"}


def test_a_folder_that_is_not_there_misses_everything(tmp_path: Path) -> None:
    found = differences(tmp_path / "out", FILES, HEADER, None)
    assert found == Differences(missing=(ONE, TWO))
    bring_up_to_date(tmp_path / "out", FILES, found)
    assert not differences(tmp_path / "out", FILES, HEADER, None)


def test_what_differs_is_written_and_what_is_stale_removed(tmp_path: Path) -> None:
    bring_up_to_date(tmp_path, FILES, Differences(missing=(ONE, TWO)))
    (tmp_path / "a/one.yaml").write_bytes(b"by hand\n")
    (tmp_path / "a/mine.yaml").write_bytes(b"not generated\n")
    (tmp_path / "b").mkdir()
    (tmp_path / "b/old.yaml").write_bytes(HEADER)
    found = differences(tmp_path, FILES, HEADER, None)
    assert found == Differences(changed=(ONE,), stale=(PurePosixPath("b/old.yaml"),))
    bring_up_to_date(tmp_path, FILES, found)
    assert not differences(tmp_path, FILES, HEADER, None)
    assert (tmp_path / "a/mine.yaml").exists()


def test_only_the_folders_that_are_asked_for_are_searched_for_stale_files(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "old.yaml").write_bytes(HEADER)
    assert differences(tmp_path, {}, HEADER, ("a",)).stale == (PurePosixPath("a/old.yaml"),)


def test_nothing_is_written_when_one_of_the_folders_cannot_be(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a/tools").write_text("a file")
    with pytest.raises(NotWritable):
        bring_up_to_date(tmp_path, FILES, Differences(missing=(ONE, TWO)))
    assert not (tmp_path / "a/one.yaml").exists()


def test_a_folder_in_a_files_place_is_told(tmp_path: Path) -> None:
    (tmp_path / "a/one.yaml").mkdir(parents=True)
    with pytest.raises(NotWritable, match=r"one\.yaml cannot be read"):
        differences(tmp_path, FILES, HEADER, None)
