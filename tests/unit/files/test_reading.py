from __future__ import annotations

import os
from pathlib import Path

import pytest

from kingtide.files.reading import read_bytes
from kingtide.fleet.documents.mistakes import Mistakes


def test_a_pipe_is_told_rather_than_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "x")
    with pytest.raises(Mistakes, match=r"x: is a pipe; name a file"):
        read_bytes(tmp_path / "x")


def test_what_a_shell_hands_over_as_a_file_is_read() -> None:
    reader, writer = os.pipe()
    with os.fdopen(writer, "wb") as pipe:
        pipe.write(b"a: 1\n")
    assert read_bytes(Path(f"/dev/fd/{reader}")) == b"a: 1\n"
    os.close(reader)
