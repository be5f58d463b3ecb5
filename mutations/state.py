"""What is kept between runs, so that an interruption loses one mutant: reach, plan, verdicts.

Everything lies in `.mutations/`. What a test reached counts as long as its file and the mutated
rooms are the same; a verdict as long as the mutated file is, and a survivor only until tests that
reach it change.
"""

from __future__ import annotations

import hashlib
import subprocess
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path

import msgspec

from mutations.reach import TESTS_FAIL, Reach
from mutations.trial import Trial, Verdict

FOLDER = Path(".mutations")
_REACH = FOLDER / "reach.json"
_VERDICTS = FOLDER / "verdicts.jsonl"


class ReachOfFile(msgspec.Struct):
    """What the tests of one file reached, and of which file and rooms that is true."""

    digest: str
    tests: dict[str, Reach]


def digest(text: str) -> str:
    """Return a short digest of a text."""
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def reached(
    test_files: Iterable[Path], sources: Mapping[str, str], at_once: int
) -> dict[str, Reach]:
    """Return what each test reaches; run those that are not known."""
    known: dict[str, ReachOfFile] = {}
    if _REACH.exists():
        known = msgspec.json.decode(_REACH.read_bytes(), type=dict[str, ReachOfFile])
    rooms = digest("".join(f"{path}\0{text}\0" for path, text in sorted(sources.items())))
    digests = {
        file.as_posix(): digest(rooms + file.read_text(encoding="utf-8")) for file in test_files
    }
    known = {name: it for name, it in known.items() if digests.get(name) == it.digest}
    missing = [name for name in digests if name not in known]
    for name, tests in _run_marked(missing, at_once).items():
        known[name] = ReachOfFile(digests[name], tests)
    _replace(_REACH, msgspec.json.encode(known))
    return {name: reach for it in known.values() for name, reach in it.tests.items()}


def _run_marked(files: list[str], at_once: int) -> dict[str, dict[str, Reach]]:
    FOLDER.mkdir(exist_ok=True)
    by_file: dict[str, dict[str, Reach]] = {name: {} for name in files}
    parts = [part for number in range(at_once) if (part := files[number::at_once])]
    results = [FOLDER / f"reach-{number}.json" for number in range(len(parts))]
    running = [
        subprocess.Popen([sys.executable, "-m", "mutations.reach", str(result), *part])
        for part, result in zip(parts, results, strict=True)
    ]
    codes = [process.wait() for process in running]
    if any(code not in (0, TESTS_FAIL) for code in codes):
        raise SystemExit("error: the tests could not be run with marks; see above")
    if any(codes):
        raise SystemExit(
            "error: the tests must pass before mutants are tried on them; see above which do not"
            "\nhint: mend them, or go back to a commit that passes `make test`"
        )
    for result in results:
        for name, reach in msgspec.json.decode(result.read_bytes(), type=dict[str, Reach]).items():
            by_file[name.partition("::")[0]][name] = reach
        result.unlink()
    return by_file


def verdicts() -> dict[tuple[str, int], Verdict]:
    """Return the last verdict on each mutant."""
    if not _VERDICTS.exists():
        return {}
    decoder = msgspec.json.Decoder(Verdict)
    found = [decoder.decode(line) for line in _VERDICTS.read_bytes().splitlines() if line]
    return {(it.path, it.number): it for it in found}


def judge(trials: list[Trial], at_once: int) -> None:
    """Try mutants; each verdict is kept as it comes."""
    _REACH.parent.mkdir(exist_ok=True)
    with _VERDICTS.open("ab") as file:
        for trial in trials:
            if not trial.tests:
                file.write(msgspec.json.encode(trial.verdict("unreached")) + b"\n")
    for is_afresh, module in ((False, "mutations.in_place"), (True, "mutations.afresh")):
        these = [it for it in trials if it.tests and it.is_afresh is is_afresh]
        if these:
            plan = FOLDER / "plan.json"
            _replace(plan, msgspec.json.encode(these))
            command = [sys.executable, "-m", module, str(plan), str(_VERDICTS), str(at_once)]
            subprocess.run(command, check=True, stdout=subprocess.DEVNULL)


def _replace(file: Path, content: bytes) -> None:
    FOLDER.mkdir(exist_ok=True)
    beside = file.with_suffix(".new")
    beside.write_bytes(content)
    beside.replace(file)


def commit_of(folders: Iterable[str]) -> str:
    """Return the last commit that changed these folders."""
    command = ["git", "log", "-1", "--format=%h", "--abbrev=10", "--", *folders]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return done.stdout.strip()
