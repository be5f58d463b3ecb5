from __future__ import annotations

import asyncio
import os
from pathlib import Path

import pytest

from kingtide.controllers.ingress.rendering.layout import Layout
from kingtide.live.haproxy.process import KEPT_OUTPUT, HaproxyProcess, complaints

NOTICE = "[NOTICE]   (7) : haproxy version is 2.6.12\n"
ALERT = "[ALERT]    (7) : Binding [/run/haproxy.cfg:9] for frontend http: cannot bind socket\n"


@pytest.mark.parametrize(
    ("before", "said", "told"),
    [
        pytest.param("", NOTICE + ALERT + NOTICE, ALERT, id="alerts alone"),
        pytest.param(NOTICE + "[ALERT] of yesterday\n", ALERT, ALERT, id="of this start alone"),
        pytest.param("", NOTICE, NOTICE, id="all where there is no alert"),
        pytest.param("", NOTICE * 2_000 + ALERT, ALERT, id="the end of what is too long"),
    ],
)
def test_a_start_in_vain_is_told_by_what_haproxy_said_of_it(
    tmp_path: Path, before: str, said: str, told: str
) -> None:
    assert len(NOTICE * 2_000) > KEPT_OUTPUT
    log = tmp_path / "haproxy.log"
    log.write_text(before + said)
    assert complaints(log, len(before)) == told.strip()


def test_a_check_ends_with_whoever_asked_for_it(tmp_path: Path) -> None:
    """Nothing of it goes on alone, and nothing is left for the garbage collector to warn about."""
    program, began = tmp_path / "never-ends", tmp_path / "began"
    os.mkfifo(began)
    program.write_text(f"#!/bin/sh\necho $$ >{began}\nexec sleep 600\n")
    program.chmod(0o755)
    checked = HaproxyProcess(str(program), Layout(str(tmp_path)))

    async def ended_meanwhile() -> None:
        trying = asyncio.ensure_future(checked.try_out(lambda it: {it.configuration: ""}))
        number = int(await asyncio.to_thread(began.read_text))
        trying.cancel()
        with pytest.raises(asyncio.CancelledError):
            await trying
        with pytest.raises(ProcessLookupError):
            os.kill(number, 0)

    asyncio.run(ended_meanwhile())
