from __future__ import annotations

from pathlib import Path

import pytest

from kingtide.files.template_inputs import MAX_FILES, read_inputs
from kingtide.fleet.documents.mistakes import Mistakes


def write(folder: Path, *names: str) -> None:
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)


def read(folder: Path, *named: str) -> list[str]:
    return [it.text for it in read_inputs("--values", [str(folder / name) for name in named])]


def test_a_folder_is_walked_by_name_with_folders_where_they_stand(tmp_path: Path) -> None:
    write(tmp_path, "b.yaml", "a/z.yaml", "a.yaml", "a/b/c.yaml", "B.yaml", "é.yaml")
    assert read(tmp_path, "") == [
        "B.yaml", "a/b/c.yaml", "a/z.yaml", "a.yaml", "b.yaml", "é.yaml",
    ]  # fmt: skip


def test_files_come_in_the_order_in_which_they_are_named(tmp_path: Path) -> None:
    write(tmp_path, "b", "a", "c d")
    assert read(tmp_path, "b", "a", "c d") == ["b", "a", "c d"]


def test_one_text_may_name_several_with_commas(tmp_path: Path) -> None:
    write(tmp_path, "a", "b")
    found = read_inputs("--values", [f"{tmp_path / 'b'},{tmp_path / 'a'}"])
    assert [it.text for it in found] == ["b", "a"]


def test_links_to_folders_are_not_followed(tmp_path: Path) -> None:
    write(tmp_path, "real/a")
    (tmp_path / "named").mkdir()
    (tmp_path / "named" / "link").symlink_to(tmp_path / "real")
    with pytest.raises(Mistakes, match="is a folder"):
        read(tmp_path, "named")


def test_everything_that_cannot_be_read_is_told_at_once(tmp_path: Path) -> None:
    (tmp_path / "latin").write_bytes(b"a\nb\xe9")
    with pytest.raises(Mistakes) as caught:
        read(tmp_path, "none", "latin")
    first, second = (str(it) for it in caught.value.all)
    assert first.startswith("--values: ")
    assert first.endswith("none does not exist; name a file or a folder")
    assert second.endswith("latin:2:2: is not UTF-8 text; save it as UTF-8")


def test_a_folder_of_too_many_files_is_refused(tmp_path: Path) -> None:
    for number in range(MAX_FILES + 1):
        (tmp_path / str(number)).touch()
    with pytest.raises(Mistakes, match="more than 2,000 files"):
        read(tmp_path, "")
