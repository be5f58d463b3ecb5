"""The reference page of a running process: what it serves, counts and reports, from the code."""

from __future__ import annotations

import sys

from kingtide.control.reference_page import for_many
from kingtide.control.safety import SENTENCES
from kingtide.operate.running import assembly, health, journal, policies
from kingtide.operate.running.metric_table import METRICS, Declared

HEAD = f"""\
# `kingtide run`: what a process serves, counts and reports

<!-- Made by `python -m kingtide.operate.running.reference > docs/reference/run.md`: change the
     texts where they stand in the code, and make it anew. -->

`kingtide run --help` has the options. [How live sees and acts](../architecture.md#the-process) says
why it is so.

## Endpoints

`--listen HOST:PORT` says where; without it a free port of this machine, which the log tells
(`serves /metrics, /healthz and /readyz`).

| path | 200 | 503 |
|---|---|---|
| `/healthz` | the pass loop moves | it has not for {health.HUNG_SECONDS} s |
| `/readyz` | everything is listed, young, and of the cluster that is meant; also of a replica \
that waits for the Lease | otherwise, with the reason |
| `/metrics` | Prometheus' text format | never |

## Files

| file | what |
|---|---|
| `{journal.JOURNAL}` in `--out` (runs/CLUSTER) | a line a decision; `kingtide explain FOLDER --at \
TIME` and `--follow` read it |
| `{journal.FORMER}` | the one before, once it has {journal.MAX_BYTES // 1_000_000} MB |

A journal that cannot be written stops nothing: it is told once in the log and counted.

The fleet's files are looked at every {policies.POLL_SECONDS:g} s. Changed ones that are valid take
effect between two passes: controllers whose settings changed begin anew, as after a restart; added
ones begin, removed ones end (with `--all`; a controller that is named and gone from the files is a
mistake). Wrong ones change nothing and are told with each mistake's place. A cluster's other name
or region needs a new process.

## Exit codes

| code | when |
|---|---|
| 0 | a signal ended it after its pass, or `--once` made one |
| 1 | `--once` could make no pass for {assembly.ONCE_SECONDS} s |
| 2 | a mistake in the fleet's files, the command or the kubeconfig; credentials that the cluster \
does not take |
| 3 | the cluster did not answer at the start, an address or a folder cannot be used |
| 130, 143 | a second SIGINT or SIGTERM ended it at once |
| 142 | it stood still in the middle of a write until another process may lead |

Where AWS does not answer, or takes no credentials, it does not end: it is unready, decides \
nothing, and says why once a minute.

## Metrics

Besides those of the Python process (`process_resident_memory_bytes`, `process_cpu_seconds_total`…).

| metric | type | labels | what |
|---|---|---|---|
"""

TAIL = """
## What the process itself reports

As the controller `process`, in the journal, the log and Events of the Lease. Words in braces are
filled in.

| code | sentence |
|---|---|
"""


def page() -> str:
    """Return the page's text."""
    metrics = [_row(it) for it in METRICS]
    codes = [f"| `{code}` | {for_many(sentence)} |" for code, sentence in SENTENCES.items()]
    return HEAD + "\n".join(metrics) + "\n" + TAIL + "\n".join(codes) + "\n"


def _row(it: Declared) -> str:
    labels = ", ".join(f"`{label}`" for label in it.labels)
    return f"| `{it.shown_name}` | {it.kind} | {labels} | {it.about} |"


if __name__ == "__main__":
    sys.stdout.write(page())
