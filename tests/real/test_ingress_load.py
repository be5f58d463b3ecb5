"""No request fails while endpoints change, HAProxy is reloaded and the controller is killed.

Short here; test_ingress_unharmed does it for 200,000 requests without the controller's process,
`python -m benchmarks ingress` with it.
"""

from __future__ import annotations

from pathlib import Path

from tests.real import haproxy
from tests.real.ingress_load import Churn, change_on, client, fast_pods, loads
from tests.real.ingress_world import cluster

pytestmark = haproxy.needs_haproxy

CHANGES, RELOADS, SECONDS = 30, 2, 2.0


def test_no_request_fails_while_everything_changes(tmp_path: Path) -> None:
    with (
        haproxy.short_folder() as short,
        cluster(tmp_path, short) as it,
        fast_pods(tmp_path, 12) as ports,
    ):
        it.serve("web")
        churn = Churn(it, "web", ports)
        with it.controller() as controller:
            it.until(lambda: it.ask("web") in map(str, ports))
            with client(it.http, "web.example.com", kept=4, new=2) as asking:
                change_on(it, churn, changes=CHANGES, reloads=RELOADS, seconds=SECONDS)
                assert loads(it) >= RELOADS
                controller.kill()
                controller.wait()
                count = asking.end()
        assert count.failed == 0, count.failures
        assert count.answered > 100
