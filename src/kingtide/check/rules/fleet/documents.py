"""What is wrong with a fleet's files as documents: a code for each kind of mistake."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from kingtide.check.rule import Example, Rule
from kingtide.check.view import FleetView, Found
from kingtide.fleet.documents.mistakes import MistakeKind

_SCHEMA = "docs/reference/fleet.md: the fields of a fleet's files, made from the models"
_YAML = "https://yaml.org/spec/1.2.2/"


def _mistakes(kind: MistakeKind) -> Callable[[FleetView], Iterable[Found]]:
    def of_kind(fleet: FleetView) -> Iterable[Found]:
        for it in fleet.mistakes:
            if it.kind == kind:
                yield Found(it.place, it.field, it.wrong, it.instead)

    return of_kind


RULES = (
    Rule(
        code="KT101",
        title="A file that cannot be read",
        severity="error",
        why="It is not there, is too large, or is not the YAML that fleets are written in: one"
        " document a file, no tags, no merge keys.",
        source=_YAML,
        failing=Example(files={"stages/prod.yaml": "kind: Stage\n  spec: {"}),
        passing=Example(),
        check=_mistakes("unreadable"),
    ),
    Rule(
        code="KT102",
        title="Something written twice",
        severity="error",
        why="Of two values for one key most readers of YAML take one in silence; of two documents,"
        " groups or instance types of one name nobody knows which is meant.",
        source=f"{_YAML}#3213-node-comparison: keys of a mapping are unique",
        failing=Example(spec="zones: [a, b]\nzones: [a, b, c]"),
        passing=Example(spec="zones: [a, b, c]"),
        check=_mistakes("duplicate"),
    ),
    Rule(
        code="KT103",
        title="An unknown field",
        severity="error",
        why="A misspelt field would leave its default standing. kops and kubectl's older"
        " validation drop such fields in silence; Kingtide refuses them.",
        source=_SCHEMA,
        failing=Example(spec="autoscaler: {maxNodeProvisionTme: 3m}"),
        passing=Example(spec="autoscaler: {maxNodeProvisionTime: 3m}"),
        check=_mistakes("unknown field"),
    ),
    Rule(
        code="KT104",
        title="A missing field",
        severity="error",
        why="Nothing sensible can be assumed for it.",
        source=_SCHEMA,
        failing=Example(
            spec="nodeGroups: {jobs: {onDemand: {sizes: {2x: {instances: [c5.2xlarge]}}}}}"
        ),
        passing=Example(
            spec="nodeGroups: {jobs: {onDemand: {sizes: {2x: {instances: [c5.2xlarge], max: 3}}}}}"
        ),
        check=_mistakes("missing"),
    ),
    Rule(
        code="KT105",
        title="A value that is none",
        severity="error",
        why="It is of another kind than the field's (text for a number, a list for a map), or not"
        " written as such values are: durations have a unit, regions a name of AWS.",
        source=_SCHEMA,
        failing=Example(spec="autoscaler: {maxNodeProvisionTime: 4}"),
        passing=Example(spec="autoscaler: {maxNodeProvisionTime: 240s}"),
        check=_mistakes("value"),
    ),
    Rule(
        code="KT106",
        title="A name of nothing",
        severity="error",
        why="It names a class, stage, group, list or instance type that does not exist.",
        source=_SCHEMA,
        failing=Example(spec="stage: prd"),
        passing=Example(spec="stage: prod"),
        check=_mistakes("unknown name"),
    ),
    Rule(
        code="KT107",
        title="Values that do not go together",
        severity="error",
        why="Each of them is right, both are not: a minimum above its maximum, steps that are not"
        " in order.",
        source=_SCHEMA,
        failing=Example(spec="nodeGroups: {workers: {spot: {sizes: {4x: {min: 200}}}}}"),
        passing=Example(spec="nodeGroups: {workers: {spot: {sizes: {4x: {min: 20}}}}}"),
        check=_mistakes("contradiction"),
    ),
)
