from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from kingtide.files.csv_table import MAX_BYTES, read_csv
from kingtide.fleet.documents.mistakes import Mistakes
from kingtide.fleet.documents.tree import Place


def written(folder: Path, text: str | bytes, name: str = "a.csv") -> Path:
    path = folder / name
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


def mistakes(path: Path) -> list[str]:
    with pytest.raises(Mistakes) as caught:
        read_csv(path)
    return [str(m).removeprefix(f"{path.parent}/") for m in caught.value.all]


def test_cells_know_their_line_and_column(tmp_path: Path) -> None:
    table = read_csv(written(tmp_path, 'time,"a, b",c\n\n20:00,"1,5",x\r\n'))
    assert table.header == ("time", "a, b", "c")
    assert [(cell.text, cell.line, cell.column) for cell in table.rows[0]] == [
        ("20:00", 3, 1),
        ("1,5", 3, 7),
        ("x", 3, 13),
    ]


def test_gzipped_files_are_read_too(tmp_path: Path) -> None:
    path = written(tmp_path, gzip.compress(b"a,b\n1,2\n"), "a.csv.gz")
    assert read_csv(path).rows[0][1].text == "2"


def test_a_byte_order_mark_is_no_part_of_the_header(tmp_path: Path) -> None:
    assert read_csv(written(tmp_path, "\ufefftime,a\n1,2\n")).header == ("time", "a")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(
            "a,b\n1,2\n3\n4,5,6\n",
            [
                "a.csv:3:1: has 1 cells, the first line has 2; write a,b",
                "a.csv:4:5: has 3 cells, the first line has 2; write a,b",
            ],
            id="cells missing or too many",
        ),
        pytest.param(
            "a,b\n", ["a.csv:1:1: holds no lines of values; write a header and values"], id="empty"
        ),
        pytest.param(
            b"a,b\n1,\xff\n", ["a.csv:2:1: is not UTF-8 text; save it as UTF-8"], id="latin"
        ),
    ],
)
def test_what_is_no_table_is_told(tmp_path: Path, text: str | bytes, expected: list[str]) -> None:
    assert mistakes(written(tmp_path, text)) == expected


def test_quotes_left_open_are_told_at_their_line(tmp_path: Path) -> None:
    (found,) = mistakes(written(tmp_path, 'a,b\n1,"2\n'))
    assert found.startswith("a.csv:2:1: is not CSV: ")


@pytest.mark.parametrize(
    "text",
    [pytest.param(b"a,b\n", id="plain text"), pytest.param(gzip.compress(b"a")[:-9], id="cut")],
)
def test_a_broken_gzip_file_is_a_mistake(tmp_path: Path, text: bytes) -> None:
    (found,) = mistakes(written(tmp_path, text, "a.csv.gz"))
    assert found.startswith("a.csv.gz: is not a gzip file")


def test_a_small_file_cannot_fill_the_memory(tmp_path: Path) -> None:
    bomb = gzip.compress(b"0" * (MAX_BYTES + 2), compresslevel=9)
    (found,) = mistakes(written(tmp_path, bomb, "a.csv.gz"))
    assert "once decompressed" in found


def test_a_missing_file_is_told_where_it_was_named(tmp_path: Path) -> None:
    path = tmp_path / "none.csv"
    with pytest.raises(Mistakes, match=r"^s\.yaml:3:9: .*none\.csv does not exist"):
        read_csv(path, named_at=Place("s.yaml", 3, 9))


def test_an_unknown_column_is_told_with_the_nearest(tmp_path: Path) -> None:
    table = read_csv(written(tmp_path, "time,cores\n1,2\n"))
    with pytest.raises(Mistakes, match="there is no column 'core'; did you mean 'cores'"):
        table.index("core")
