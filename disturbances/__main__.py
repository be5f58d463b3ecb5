"""`python -m disturbances --minutes 10 --seed 1`: real processes, disturbed at random, and judged.

Starts a twin and three `kingtide run --all`, kills, stops and cuts them off for so many minutes,
and judges the audit of all writes. Exit code 1 when a rule was broken, with what replays it.
"""

from __future__ import annotations

import asyncio
import shutil
import sys
import time
from pathlib import Path
from typing import Annotated

import cyclopts
import msgspec

from disturbances.evening import Course, Evening
from disturbances.plan import plan
from disturbances.reference import most_nodes_undisturbed
from disturbances.report import Result, result_of, told

app = cyclopts.App(help="Disturb the processes of an evening, and judge what they wrote.")
OUT = Path("soak") / "disturbances"


@app.default
def main(
    minutes: Annotated[float, cyclopts.Parameter(help="How long it is disturbed.")] = 10.0,
    seed: Annotated[int, cyclopts.Parameter(help="Where every chance comes from.")] = 1,
    speed: Annotated[float, cyclopts.Parameter(help="Seconds of the twin a second.")] = 3.0,
    calm: Annotated[float, cyclopts.Parameter(help="Seconds to come to rest.")] = 300.0,
    out: Annotated[Path, cyclopts.Parameter(help="Where everything is left.")] = OUT,
) -> int:
    """Play one evening and judge it."""
    folder = (out / f"seed-{seed}").resolve()
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    began = time.monotonic()
    course: Course = asyncio.run(Evening(folder, seed, speed, _say).play(plan(seed, minutes), calm))
    allowed = most_nodes_undisturbed(seed)
    result: Result = result_of(course, allowed, seed, minutes, time.monotonic() - began)
    (folder / "result.json").write_bytes(msgspec.json.format(msgspec.json.encode(result)) + b"\n")
    _say(told(result, speed))
    return 1 if result.violations else 0


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(app())
