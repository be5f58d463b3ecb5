from __future__ import annotations

from pathlib import Path

import pytest

from kingtide.live.haproxy.process import KEPT_OUTPUT, complaints

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
