from __future__ import annotations

import subprocess
import sys

from kingtide.live.identity import process_identity, user_agent


def test_a_process_keeps_its_name_and_tells_it_with_all_it_sends() -> None:
    assert process_identity() == process_identity()
    assert process_identity() in user_agent()


def test_no_two_processes_have_one_name() -> None:
    asked = "from kingtide.live.identity import process_identity; print(process_identity())"
    other = subprocess.run(
        [sys.executable, "-c", asked], capture_output=True, check=True, text=True
    )
    assert other.stdout.strip() not in ("", process_identity())


def test_fields_are_managed_by_kingtide_whichever_process_wrote_them() -> None:
    assert user_agent().partition("/")[0] == "kingtide"
