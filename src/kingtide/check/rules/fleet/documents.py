"""What is wrong with a fleet's files as documents: a code for each kind of mistake."""

from __future__ import annotations

from collections.abc import Iterable

from kingtide.check.rule import Example, Rule
from kingtide.check.view import FleetView, Found
from kingtide.fleet.documents.mistakes import MistakeKind

_SCHEMA = "docs/reference/fleet.md: the fields of a fleet's files, made from the models"
_YAML = "https://yaml.org/spec/1.2.2/"


def _of_kind(
    code: str,
    title: str,
    *,
    kind: MistakeKind,
    why: str,
    failing: Example,
    passing: Example,
    source: str = _SCHEMA,
) -> Rule:
    """Return the rule that finds mistakes of one kind."""

    def check(fleet: FleetView) -> Iterable[Found]:
        for it in fleet.mistakes:
            if it.kind == kind:
                yield Found(it.place, it.field, it.wrong, it.instead)

    return Rule(
        code=code,
        title=title,
        severity="error",
        why=why,
        source=source,
        failing=failing,
        passing=passing,
        check=check,
    )


RULES = (
    _of_kind(
        code="KT101",
        title="A file that cannot be read",
        why="It is not there, is too large, or is not the YAML that fleets are written in: one"
        " document a file, no tags, no merge keys.",
        source=_YAML,
        failing=Example(files={"stages/prod.yaml": "kind: Stage\n  spec: {"}),
        passing=Example(),
        kind="unreadable",
    ),
    _of_kind(
        code="KT102",
        title="Something written twice",
        why="Of two values for one key most readers of YAML take one in silence; of two documents,"
        " groups or instance types of one name nobody knows which is meant.",
        source=f"{_YAML}#3213-node-comparison: keys of a mapping are unique",
        failing=Example(spec="zones: [a, b]\nzones: [a, b, c]"),
        passing=Example(spec="zones: [a, b, c]"),
        kind="duplicate",
    ),
    _of_kind(
        code="KT103",
        title="An unknown field",
        why="A misspelt field would leave its default standing. kops and kubectl's older"
        " validation drop such fields in silence; Kingtide refuses them.",
        failing=Example(spec="autoscaler: {maxNodeProvisionTme: 3m}"),
        passing=Example(spec="autoscaler: {maxNodeProvisionTime: 3m}"),
        kind="unknown field",
    ),
    _of_kind(
        code="KT104",
        title="A missing field",
        why="Nothing sensible can be assumed for it.",
        failing=Example(
            spec="nodeGroups: {jobs: {onDemand: {sizes: {2x: {instances: [c5.2xlarge]}}}}}"
        ),
        passing=Example(
            spec="nodeGroups: {jobs: {onDemand: {sizes: {2x: {instances: [c5.2xlarge], max: 3}}}}}"
        ),
        kind="missing",
    ),
    _of_kind(
        code="KT105",
        title="A value that is none",
        why="It is of another kind than the field's (text for a number, a list for a map), or not"
        " written as such values are: durations have a unit, regions a name of AWS.",
        failing=Example(spec="autoscaler: {maxNodeProvisionTime: 4}"),
        passing=Example(spec="autoscaler: {maxNodeProvisionTime: 240s}"),
        kind="value",
    ),
    _of_kind(
        code="KT106",
        title="A name of nothing",
        why="It names a class, stage, group, list or instance type that does not exist.",
        failing=Example(spec="stage: prd"),
        passing=Example(spec="stage: prod"),
        kind="unknown name",
    ),
    _of_kind(
        code="KT107",
        title="Values that do not go together",
        why="Each of them is right, both are not: a minimum above its maximum, steps that are not"
        " in order.",
        failing=Example(spec="nodeGroups: {workers: {spot: {sizes: {4x: {min: 200}}}}}"),
        passing=Example(spec="nodeGroups: {workers: {spot: {sizes: {4x: {min: 20}}}}}"),
        kind="contradiction",
    ),
)
