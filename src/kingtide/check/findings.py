"""What a check of a fleet brings: findings with their codes, and those that are waived."""

from __future__ import annotations

import msgspec

from kingtide.check.rule import Severity
from kingtide.check.waivers import KnownWaiver
from kingtide.fleet.documents.tree import Place


class Finding(msgspec.Struct, frozen=True):
    """One finding of one rule.

    `clusters` are those for which it holds, none for what is of the fleet as a whole; `about` as in
    `Found`.
    """

    code: str
    title: str
    severity: Severity
    place: Place
    field: str
    wrong: str
    instead: str
    clusters: tuple[str, ...] = ()
    about: str = ""

    @property
    def text(self) -> str:
        """What is wrong where, and what to write: all but place and code."""
        about = f"{self.about}: " if self.about else ""
        field = f"{self.field}: " if self.field else ""
        instead = f"; {self.instead}" if self.instead else ""
        return f"{about}{field}{self.wrong}{instead}"


class Waived(msgspec.Struct, frozen=True):
    """A finding that is accepted, and by what."""

    finding: Finding
    by: KnownWaiver


class Checked(msgspec.Struct, frozen=True):
    """All that came of checking a fleet, sorted by place.

    `clusters` were checked; `unsound` were only read, since they have mistakes; `rules` were run.
    """

    findings: tuple[Finding, ...]
    waived: tuple[Waived, ...]
    clusters: tuple[str, ...]
    unsound: tuple[str, ...]
    rules: tuple[str, ...]

    @property
    def errors(self) -> int:
        """How many findings are errors."""
        return sum(finding.severity == "error" for finding in self.findings)

    @property
    def warnings(self) -> int:
        """How many findings are warnings."""
        return len(self.findings) - self.errors
