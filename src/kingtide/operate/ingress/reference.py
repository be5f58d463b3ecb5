"""The reference page of a running ingress controller: what it serves and counts, from the code."""

from __future__ import annotations

import sys

from kingtide.operate.ingress import agenda, auth_keeping, keeping, process
from kingtide.operate.ingress.metric_table import METRICS, OF_AGENT
from kingtide.operate.ingress.metrics_page import OF_BACKENDS
from kingtide.operate.running import health

HEAD = f"""\
# `kingtide run ingress`: what the process serves and counts

<!-- Made by `python -m kingtide.operate.ingress.reference > docs/reference/run-ingress.md`: change
     the texts where they stand in the code, and make it anew. -->

[The guide](../guides/ingress.md) says how to move traffic to it,
[annotations](ingress-annotations.md) what Ingresses may ask for.

## Endpoints

`--listen HOST:PORT` says where; without it a free port of this machine, which the log tells.

| path | 200 | 503 |
|---|---|---|
| `/healthz` | the loop moves | it has not for {health.HUNG_SECONDS} s |
| `/readyz` | HAProxy runs, with what is asked for or with what it served last | it does not, or \
the process drains |
| `/metrics` | Prometheus' text format | never |

## Files

In `--config-dir` (runs/CLUSTER/haproxy), readable by their owner alone. One process has the folder
at a time.

| file | what |
|---|---|
| `haproxy.cfg`, `maps/`, `patterns/`, `certificates/` | what HAProxy starts with; private keys \
are in `certificates/` |
| `trial/` | the same of a configuration that is tried |
| `servers.state` | states of servers, which a reload takes over |
| `admin.sock`, `master.sock` | the Runtime API, and the master process' |
| `haproxy.log` | what HAProxy says of itself; requests are logged to `syslog-server` |
| `auth/`, `auth.spoe` | whom `auth-url` has asked about requests, a file for each, and how \
HAProxy asks the agent |
| `auth.sock`, `auth-metrics.sock`, `auth.lock` | where the agent is asked, what it counts, and \
which process it is |
| `auth.log` | services that give no answer, each once a minute; nothing of requests |
| `haproxy.pid`, `loaded.digest`, `lock` | which process it is, what it has loaded, who \
has the folder |

## When what happens

| | s |
|---|---|
| changes that come at once are waited for | {keeping.GATHER_SECONDS:g} |
| a dead HAProxy is seen after | {keeping.ALIVE_SECONDS:g} |
| all that HAProxy has is compared with what is asked for, every | {agenda.LOOK_SECONDS:g} |
| what failed is tried again after | {agenda.FIRST_WAIT_SECONDS:g} to \
{agenda.LONGEST_WAIT_SECONDS:g} |
| an HAProxy that answers nothing is ended, and another started, after | \
{agenda.UNANSWERED_SECONDS:g} |
| the fleet's files are looked at every | {process.POLL_SECONDS:g} |
| requests under way may take, after draining | {process.END_SECONDS:g} |
| a dead agent of `auth-url` is seen after | {auth_keeping.LOOK_SECONDS:g} |

## Exit codes

| code | when |
|---|---|
| 0 | a signal ended it: it was not ready, served on for `drainSeconds`, and HAProxy ended |
| 2 | a mistake in the fleet's files, the command or the kubeconfig; no HAProxy, or one before 2.6 |
| 3 | the folder is another process', a port is taken |
| 130, 143 | a second SIGINT or SIGTERM ended it at once; HAProxy serves on, and is adopted by the \
next process of the folder |

Where the API server does not answer, it does not end: HAProxy serves what it served last, and the
log says why once a minute.

## Metrics

Besides those of the Python process (`process_resident_memory_bytes`, `process_cpu_seconds_total`…).

| metric | type | labels | what |
|---|---|---|---|
"""
TAIL = """
Below them are HAProxy's own of frontends, and of backends (`proxy` is NAMESPACE_SERVICE_PORT)
these, each beginning with `haproxy_backend_`:

"""


def page() -> str:
    """Return the page's text."""
    rows = (
        f"| `{it.shown_name}` | {it.kind} | {', '.join(f'`{one}`' for one in it.labels)} "
        f"| {it.about} |\n"
        for it in (*METRICS, *OF_AGENT)
    )
    return HEAD + "".join(rows) + TAIL + ", ".join(f"`{it}`" for it in OF_BACKENDS) + ".\n"


if __name__ == "__main__":
    sys.stdout.write(page())
