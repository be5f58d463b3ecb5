"""A demand curve from a CSV file of local times and values."""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, Decimal, InvalidOperation
from functools import lru_cache
from pathlib import Path

from kingtide.files.csv_table import Cell, Table, read_csv
from kingtide.fleet.documents.mistakes import Findings, Mistake, Mistakes
from kingtide.fleet.documents.tree import Place
from kingtide.rehearsal.scenario.demand_model import Demand
from kingtide.rehearsal.scenario.local_time import nearest_ms, time_text
from kingtide.rehearsal.scenario.times import ScenarioClock
from kingtide.twin.definition import DemandPoint

# A million cores: far above any cluster, and far below what the sums can hold.
MAX_MILLICORES = 1_000_000_000
# Before `scale`: a billion requests a second, say, counted by the day.
MAX_VALUE = 10**14


def read_curve_file(
    path: Path, demand: Demand, begin_ms: int | None, clock: ScenarioClock, named_at: Place
) -> tuple[DemandPoint, ...]:
    """Return a file's values as scaled millicores, those that the rehearsal needs.

    `begin_ms` is the file's time that stands at the start, None to keep the file's times.

    Raises:
        Mistakes: the file cannot be read, or cells are no times and values.
    """
    return _read(_Asked(path, _version(path), demand, begin_ms, clock, named_at))


class _Asked:
    """A file as it is now with what is to be read from it.

    The same is asked when it makes the same points, wherever it is named.
    """

    def __init__(
        self,
        path: Path,
        version: tuple[int, int] | None,
        demand: Demand,
        begin_ms: int | None,
        clock: ScenarioClock,
        named_at: Place,
    ) -> None:
        self.path = path
        self.demand = demand
        self.begin_ms = begin_ms
        self.clock = clock
        self.named_at = named_at
        written = (demand.time_column, demand.column, demand.time_zone, demand.scale)
        self._key = (path, version, *written, begin_ms, clock)

    def __hash__(self) -> int:
        return hash(self._key)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Asked) and self._key == other._key


def _version(path: Path) -> tuple[int, int] | None:
    """Return what changes when a file is written, None where it cannot be looked at."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size


# A comparison reads the same curves again for each variant; three months of one value a minute take
# a second. Mistakes are not kept, only points within the rehearsal's time.
@lru_cache(maxsize=32)
def _read(asked: _Asked) -> tuple[DemandPoint, ...]:
    path, demand, clock, named_at = asked.path, asked.demand, asked.clock, asked.named_at
    table = read_csv(path, named_at=named_at)
    time_index = table.index(demand.time_column)
    value_index = _value_index(table, demand, time_index)
    findings = Findings()
    timezone = demand.time_zone or clock.timezone
    times = _Times(table, timezone, asked.begin_ms, clock, findings)
    points: list[DemandPoint] = []
    for row in table.rows:
        at_ms = times.read(row[time_index])
        millicores = _millicores(row[value_index], demand, table, findings, value_index)
        if at_ms is not None and millicores is not None:
            points.append(DemandPoint(at_ms, millicores))
    findings.raise_if_any()
    return _needed(points, clock, path, named_at)


def _value_index(table: Table, demand: Demand, time_index: int) -> int:
    if demand.column is not None:
        return table.index(demand.column)
    others = [i for i in range(len(table.header)) if i != time_index]
    if len(others) != 1:
        listed = ", ".join(table.header)
        wrong = f"has the columns {listed}, so it is not clear which one holds the demand"
        raise Mistakes([Mistake(Place(table.file, 1, 1), "", wrong, "name it with `column:`")])
    return others[0]


class _Times:
    """Reads the time column, which must not go back; times of day pass midnight."""

    def __init__(
        self,
        table: Table,
        timezone: str,
        begin_ms: int | None,
        clock: ScenarioClock,
        findings: Findings,
    ) -> None:
        self._table = table
        self._findings = findings
        self._timezone = timezone
        self._near_ms = clock.start_ms if begin_ms is None else begin_ms
        self._shift_ms = clock.start_ms - self._near_ms
        self._last: tuple[int, Cell] | None = None

    def read(self, cell: Cell) -> int | None:
        """Return a cell's time in Unix milliseconds, None when it is wrong."""
        try:
            at_ms = nearest_ms(time_text(cell.text.strip()), self._near_ms, self._timezone)
        except ValueError as error:
            self._note(cell, *str(error).split("; ", 1))
            return None
        if self._last is not None and at_ms < self._last[0]:
            earlier = self._last[1]
            wrong = f"{cell.text.strip()} is before {earlier.text.strip()} in line {earlier.line}"
            self._note(cell, wrong, "sort the lines by time")
            return None
        self._last = (at_ms, cell)
        self._near_ms = at_ms
        return at_ms + self._shift_ms

    def _note(self, cell: Cell, wrong: str, instead: str = "") -> None:
        self._findings.add(self._table.place(cell), (), wrong, instead)


def _millicores(
    cell: Cell, demand: Demand, table: Table, findings: Findings, index: int
) -> int | None:
    text = cell.text.strip()
    name = table.header[index]
    try:
        value = Decimal(text)
    except InvalidOperation:
        value = Decimal("NaN")
    if not value.is_finite():
        findings.add(
            table.place(cell), (name,), f"{text!r} is not a number", "write cores, as 163.5"
        )
        return None
    if value > MAX_VALUE:
        findings.add(table.place(cell), (name,), f"{text} is beyond any demand", "write cores")
        return None
    if value < 0:
        findings.add(table.place(cell), (name,), f"{text} is negative", "write 0 or more")
        return None
    millicores = (value * demand.scale * 1000).to_integral_value(ROUND_HALF_EVEN)
    if millicores > MAX_MILLICORES:
        wrong = f"{text} makes {millicores / 1000:,.0f} cores, more than a million"
        findings.add(table.place(cell), (name,), wrong, "set `scale:` to cores a unit")
        return None
    return int(millicores)


def _needed(
    points: list[DemandPoint], clock: ScenarioClock, path: Path, named_at: Place
) -> tuple[DemandPoint, ...]:
    """Return the points of the rehearsal's time with one more on either side."""
    begin_ms = clock.start_ms - clock.warm_up_ms
    before = [p for p in points if p.at_ms < begin_ms][-1:]
    within = [p for p in points if begin_ms <= p.at_ms <= clock.end_ms]
    after = [p for p in points if p.at_ms > clock.end_ms][:1]
    if not within and not (before and after):
        wrong = f"{path} has no values within the rehearsal's time"
        raise Mistakes(
            [Mistake(named_at, "", wrong, "check start, and `from:` to replay another day")]
        )
    return (*before, *within, *after)
