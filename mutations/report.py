"""The result as a small file, and as tables for the documentation and the terminal."""

from __future__ import annotations

import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path, PurePosixPath

import msgspec
from rich.console import Console

from mutations.explanations import Explanation, explanation_of, read_explanations
from mutations.mutants import Mutant
from mutations.trial import Verdict

RESULT = Path(__file__).parent / "result.json"
PAGE = Path("docs/concepts/invariants.md")
BEGIN = "<!-- mutations: written by `make mutations`, from mutations/result.json -->"
END = "<!-- end of mutations -->"

_CAUGHT = ("caught", "timeout")
_PERCENT = 100
UNEXPLAINED = "a test is missing"
UNTRIED = "not all tests tried"


class Count(msgspec.Struct, frozen=True):
    """How many mutants of a room or a kind were tried, and how many of them a test noticed."""

    name: str
    mutants: int
    caught: int

    @property
    def percent(self) -> str:
        """Return the share that was noticed, with one decimal, rounded down."""
        return f"{self.caught * _PERCENT * 10 // max(1, self.mutants) / 10:.1f} %"


class Survivor(msgspec.Struct, frozen=True):
    """A mutant that no test noticed, and why; `place` is file:line below src/kingtide."""

    place: str
    function: str
    mutation: str
    why: str
    because: str


class Result(msgspec.Struct, frozen=True):
    """What one run found; `every` 1 tried all mutants, `mutants` is how many there are.

    A sample begins after the first `skipped` of them.
    `again_at_commit` tells the code on which the survivors were last tried again, empty before.
    """

    at: str
    commit: str
    mutants: int
    every: int
    cpu_seconds_a_mutant: int
    rooms: tuple[Count, ...]
    kinds: tuple[Count, ...]
    survivors: tuple[Survivor, ...]
    again_at_commit: str = ""
    skipped: int = 0

    @property
    def total(self) -> Count:
        """All rooms together."""
        return Count(
            "all", sum(it.mutants for it in self.rooms), sum(it.caught for it in self.rooms)
        )


Judged = Sequence[tuple[Mutant, Verdict]]


def result_of(
    judged: Judged, mutants: int, every: int, commit: str, explanations: Sequence[Explanation]
) -> Result:
    """Return the result of what was judged."""
    longest_ms = max((it.tried_ms for _, it in judged), default=0)
    return Result(
        at=time.strftime("%Y-%m-%d", time.gmtime()),
        commit=commit,
        mutants=mutants,
        every=every,
        cpu_seconds_a_mutant=round(longest_ms / 1000),
        rooms=_counts(judged, lambda it: room_of(it.path)),
        kinds=_counts(judged, lambda it: it.kind),
        survivors=tuple(
            _survivor(mutant, verdict, explanation_of(mutant, explanations))
            for mutant, verdict in judged
            if verdict.outcome not in _CAUGHT
        ),
    )


def room_of(path: str) -> str:
    """Return the room of a module: control, or a controller's."""
    parts = PurePosixPath(path).relative_to("src/kingtide").parts
    return f"controllers/{parts[1]}" if parts[0] == "controllers" else parts[0]


def _counts(judged: Judged, name: Callable[[Mutant], str]) -> tuple[Count, ...]:
    tried = Counter(name(mutant) for mutant, _ in judged)
    caught = Counter(name(mutant) for mutant, verdict in judged if verdict.outcome in _CAUGHT)
    return tuple(Count(it, tried[it], caught[it]) for it in sorted(tried))


def _survivor(mutant: Mutant, verdict: Verdict, explanation: Explanation | None) -> Survivor:
    path, function, mutation = mutant.key.split(" | ", 2)
    why = UNEXPLAINED if verdict.is_complete else UNTRIED
    return Survivor(
        place=f"{PurePosixPath(path).relative_to('src/kingtide')}:{mutant.line}",
        function=function,
        mutation=mutation,
        why=explanation.why if explanation else why,
        because=explanation.because if explanation else "",
    )


def as_markdown(result: Result) -> str:
    """Return the section of the documentation."""
    lines = [BEGIN, "", _headline(result), ""]
    for title, counts in (("room", result.rooms), ("kind", result.kinds)):
        lines += [f"| {title} | mutants | noticed | |", "|---|--:|--:|--:|"]
        lines += [_row(it) for it in counts]
        lines += [*([_row(result.total)] if title == "room" else ()), ""]
    whys = Counter(it.why for it in result.survivors)
    lines += ["| why it survives | mutants |", "|---|--:|"]
    lines += [f"| {why} | {number} |" for why, number in sorted(whys.items())]
    lines += ["", "| where | mutation | why it survives |", "|---|---|---|"]
    lines += list(_survivor_rows(result.survivors))
    return "\n".join([*lines, "", END])


def _headline(result: Result) -> str:
    tried = result.total.mutants
    after = f" after the first {result.skipped}" if result.skipped else ""
    sample = f"A sample, one in {result.every}{after} of"
    what = "All of" if tried == result.mutants else sample
    again = f"; survivors again at {result.again_at_commit}" if result.again_at_commit else ""
    return (
        f"{what} {result.mutants:,} mutants ({tried:,} tried, at commit {result.commit},"
        f" {result.at}{again}): **{result.total.percent} are noticed**. Each was given the tests"
        f" that reach it, for {result.cpu_seconds_a_mutant} s of processor time at most;"
        f" *{UNTRIED}* is said of a survivor that more tests reach,"
        f" *{UNEXPLAINED}* of one that none notices."
    )


def _row(count: Count) -> str:
    return f"| {count.name} | {count.mutants:,} | {count.caught:,} | {count.percent} |"


def _survivor_rows(survivors: Iterable[Survivor]) -> Iterable[str]:
    """Yield a row for all survivors of a file with one explanation."""
    alike: dict[tuple[str, str, str], list[Survivor]] = defaultdict(list)
    for it in survivors:
        alike[it.place.partition(":")[0], it.why, it.because].append(it)
    for (path, why, because), some in alike.items():
        lines = ", ".join(dict.fromkeys(it.place.partition(":")[2] for it in some))
        mutations = "<br>".join(dict.fromkeys(f"`{_escaped(it.mutation)}`" for it in some))
        reason = f"{why}: {because}" if because else why
        yield f"| {path}:{lines} | {mutations} | {_escaped(reason)} |"


def _escaped(text: str) -> str:
    return text.replace("|", "\\|").replace("`", "'")


def write(judged: Judged, mutants: int, sample: tuple[int, int], commit: str) -> None:
    """Write the result and bring the page up to date; `sample` is one in how many, after which."""
    every, skipped = sample
    result = result_of(judged, mutants, every, commit, read_explanations())
    keep(msgspec.structs.replace(result, skipped=skipped))


def kept() -> Result:
    """Return the kept result."""
    return msgspec.json.decode(RESULT.read_bytes(), type=Result)


def keep(result: Result) -> None:
    """Write a result and bring the page up to date."""
    RESULT.write_bytes(msgspec.json.format(msgspec.json.encode(result), indent=1) + b"\n")
    write_page(result)


def write_page(result: Result) -> None:
    """Put the tables between their marks.

    Raises:
        ValueError: the page has no such marks.
    """
    page = PAGE.read_text(encoding="utf-8")
    before, begin, rest = page.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"{PAGE} has no line {BEGIN!r} followed by {END!r}")
    PAGE.write_text(before + as_markdown(result) + after, encoding="utf-8")


def show(judged: Judged, console: Console) -> None:
    """Print the survivors that nobody explained, and the counts."""
    explanations = read_explanations()
    result = result_of(judged, len(judged), 1, "", explanations)
    for it in result.survivors:
        if it.why in (UNEXPLAINED, UNTRIED):
            console.print(f"{it.place} {it.function}: {it.mutation}", markup=False, soft_wrap=True)
    for count in (*result.rooms, result.total):
        console.print(f"{count.name}: {count.caught} of {count.mutants}, {count.percent}")
