from __future__ import annotations

import os
from pathlib import Path

import pytest

from kingtide.files.writing import NotWritable, check_writable, write_file, write_files


def test_files_are_written_with_their_folder(tmp_path: Path) -> None:
    write_files(tmp_path / "a" / "b", {"x": b"1", "y": b"2"})
    assert (tmp_path / "a" / "b" / "x").read_bytes() == b"1"
    assert sorted(p.name for p in (tmp_path / "a" / "b").iterdir()) == ["x", "y"]


def test_an_existing_file_is_replaced_whole(tmp_path: Path) -> None:
    path = tmp_path / "x"
    path.write_bytes(b"old and longer")
    write_file(path, b"new")
    assert path.read_bytes() == b"new"


def test_when_one_file_cannot_be_made_none_is_changed(tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(b"old")
    (tmp_path / "sub").write_bytes(b"no folder")
    with pytest.raises(NotWritable, match="cannot be written"):
        write_files(tmp_path, {"x": b"new", "sub/y": b"2"})
    assert (tmp_path / "x").read_bytes() == b"old"
    assert sorted(p.name for p in tmp_path.iterdir()) == ["sub", "x"]


def test_a_file_where_the_folder_should_be_is_told(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"")
    with pytest.raises(NotWritable, match="cannot be written"):
        write_file(tmp_path / "a" / "x", b"1")


def test_files_are_readable_as_the_umask_says(tmp_path: Path) -> None:
    before = os.umask(0o022)
    try:
        write_file(tmp_path / "x", b"1")
    finally:
        os.umask(before)
    assert (tmp_path / "x").stat().st_mode & 0o777 == 0o644


def test_a_check_of_a_folder_leaves_nothing_behind(tmp_path: Path) -> None:
    check_writable(tmp_path / "a" / "b", ["report.html"])
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("folder", "wrong"),
    [
        pytest.param("file", "cannot be written", id="a file"),
        pytest.param("new/file/below", None, id="new folders"),
        pytest.param("file/below", "cannot be written", id="below a file"),
        pytest.param("/proc/nowhere", "cannot be written", id="a file system that refuses"),
        pytest.param(".", r"taken cannot be written \(it is a folder\)", id="a folder's name"),
    ],
)
def test_what_cannot_be_written_is_told_before(
    tmp_path: Path, folder: str, wrong: str | None
) -> None:
    (tmp_path / "file").write_text("kept")
    (tmp_path / "taken").mkdir()
    before = sorted(tmp_path.rglob("*"))
    if wrong is None:
        check_writable(tmp_path / folder, ["taken"])
    else:
        with pytest.raises(NotWritable, match=wrong):
            check_writable(tmp_path / folder, ["taken"])
    assert sorted(tmp_path.rglob("*")) == before


def test_a_folder_in_the_files_place_is_named(tmp_path: Path) -> None:
    (tmp_path / "d").mkdir()
    with pytest.raises(NotWritable, match=r"/d cannot be written"):
        write_file(tmp_path / "d", b"1")
