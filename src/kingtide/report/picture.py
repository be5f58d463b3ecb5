"""The README's picture, made from a real run.

python -m kingtide.report.picture examples/prime-time docs/images/prime-time.png
"""

from __future__ import annotations

import sys
from pathlib import Path

from kingtide.files.writing import write_files
from kingtide.rehearsal.collection import scenario_files
from kingtide.rehearsal.prepare import prepare
from kingtide.rehearsal.run import Run
from kingtide.report.png import overview


def main(scenario: str, picture: str) -> None:
    """Rehearse a scenario (the first of a folder) and write its overview as a PNG.

    Raises:
        Mistakes: the scenario has mistakes; nothing is written.
        NotWritable: the file system refuses.
    """
    record = Run(prepare(scenario_files(Path(scenario))[0])).record()
    target = Path(picture)
    write_files(target.parent, {target.name: overview(record)})


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit("usage: python -m kingtide.report.picture SCENARIO FILE.png")
    main(*sys.argv[1:])
