"""Whatever is done to a good fleet, it is read, compiled and checked, or told what is wrong where.

The good fleet is examples/fleet. Fields are dropped, misspelt and retyped one by one, everywhere;
values are replaced by anything; bytes are changed at random. Nothing may end in a traceback.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from functools import cache
from pathlib import Path, PurePosixPath
from typing import Any, NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from kingtide.check.registry import RULES
from kingtide.check.run import check_fleet
from kingtide.check.view import view_of
from kingtide.compile.compilation import compile_clusters
from kingtide.fleet.documents.known_fields import annotation_at, model_at
from kingtide.fleet.documents.mistakes import Findings, Mistakes
from kingtide.fleet.documents.tree import Path as TreePath
from kingtide.fleet.documents.tree import Place, node_at, path_text, place_of, plain
from kingtide.fleet.documents.validation import read
from kingtide.fleet.documents.yaml_stream import documents_of
from kingtide.fleet.documents.yaml_tree import parse_yaml
from kingtide.fleet.manifests import ManifestFile, read_manifests
from kingtide.fleet.models.cluster import Cluster, ClusterClass
from kingtide.fleet.models.fleet import Fleet
from kingtide.fleet.models.policy import Policy
from kingtide.fleet.models.stage import Stage
from kingtide.fleet.models.tool import Tool
from kingtide.fleet.repository import FleetRepository, read_fleet_as_far
from kingtide.rehearsal.scenario.fleet_layer import over_fleet
from kingtide.rehearsal.scenario.layers import readable
from kingtide.rehearsal.scenario.model import Rehearsal
from kingtide.rehearsal.scenario.workloads_below import workloads_of

FLEET = Path(__file__).resolve().parents[2] / "examples" / "fleet"
MODELS: Mapping[str, type[BaseModel]] = {
    "fleet.yaml": Fleet,
    "classes": ClusterClass,
    "clusters": Cluster,
    "stages": Stage,
    "tools": Tool,
    "policies": Policy,
}
SCENARIO = "rehearsal.yaml"
LINE_BREAK = re.compile("\r\n|[\n\r\x85\u2028\u2029]")
"""What ends a line in YAML 1.1, by which the parser counts."""
TODAY = "2026-06-01"
Files = Mapping[PurePosixPath, bytes]


class Told(NamedTuple):
    """One thing that is told about a fleet."""

    place: Place
    field: str
    wrong: str


@cache
def good() -> Files:
    paths = sorted(path for path in FLEET.rglob("*.yaml") if path.is_file())
    return {PurePosixPath(path.relative_to(FLEET).as_posix()): path.read_bytes() for path in paths}


def judged(files: Files) -> list[Told]:
    """Return what reading, compiling, checking and rehearsing a fleet tell about it."""
    findings = Findings()
    of_fleet = {p: t for p, t in files.items() if p.parts[0] not in ("manifests", SCENARIO)}
    texts = [
        ManifestFile(path, str(path), text, path.parts[1] if len(path.parts) > 2 else None)
        for path, text in files.items()
        if path.parts[0] == "manifests"
    ]
    manifests = read_manifests(texts, findings)
    fleet: FleetRepository | None = None
    try:
        fleet = read_fleet_as_far(of_fleet, str, findings)
    except Mistakes as error:
        findings.extend(error.all)
    before = findings.as_error().all
    paths = {file.shown: file.path for file in texts}
    checked = check_fleet(view_of(fleet, before, manifests, paths), RULES, TODAY)
    told = [Told(it.place, it.field, it.wrong) for it in checked.findings]
    if fleet is not None and not findings:
        try:
            compile_clusters(fleet, fleet.clusters)
        except Mistakes as error:
            findings.extend(error.all)
    for name, cluster in fleet.clusters.items() if fleet is not None else ():
        theirs = [it for it in manifests if it.cluster in (None, name)]
        workloads = workloads_of(theirs, cluster.spec, findings)
        scenario = parse_yaml(good()[PurePosixPath(SCENARIO)], SCENARIO)
        read(Rehearsal, readable(over_fleet(scenario, cluster, workloads)), findings)
    return told + [Told(it.place, it.field, it.wrong) for it in findings.as_error().all]


@cache
def accepted() -> frozenset[Told]:
    """Return what is told of the good fleet: the scenario has applications that staging lacks."""
    return frozenset(judged(good()))


def all_located(told: list[Told], files: Files) -> None:
    for it in told:
        path = PurePosixPath(it.place.file)
        assert path in files, it
        lines = 1 + len(LINE_BREAK.findall(files[path].decode(errors="replace")))
        assert it.place.line <= lines, it
        assert it.place.line >= 1 or not it.field, it
        assert it.wrong, it


def with_document(path: PurePosixPath, changed: Any, index: int = 0) -> Files:
    """Return the good fleet with a document of one file replaced.

    It is written as JSON, which is YAML with each key on a line of its own.
    """
    documents = [plain(tree) for tree in documents_of(good()[path], str(path))]
    documents[index] = changed
    text = "---\n".join(json.dumps(it, indent=1, default=_number) + "\n" for it in documents)
    return {**good(), path: text.encode()}


def _number(value: object) -> float:
    assert isinstance(value, Decimal)
    return float(value)


def changed(document: Any, path: TreePath, value: Any, *, key: str | None = None) -> Any:
    """Return a document with the value at a path replaced, its key too; without either if `...`."""
    step, rest = path[0], path[1:]
    if isinstance(document, dict):
        found = {}
        for name, old in document.items():
            if name != step:
                found[name] = old
            elif rest:
                found[name] = changed(old, rest, value, key=key)
            elif value is not ...:
                found[key or name] = value
        return found
    items = [
        changed(it, rest, value, key=key) if i == step and rest else it
        for i, it in enumerate(document)
    ]
    if not rest:
        assert isinstance(step, int)
        items[step : step + 1] = [] if value is ... else [value]
    return items


def paths_of(value: Any, above: TreePath = ()) -> Iterator[TreePath]:
    below: Any = value.items() if isinstance(value, dict) else ()
    if isinstance(value, list):
        below = enumerate(value)
    for step, item in below:
        yield (*above, step)
        yield from paths_of(item, (*above, step))


class Field(NamedTuple):
    """A known field of a document of the fleet, with its value there."""

    file: PurePosixPath
    path: TreePath
    info: FieldInfo
    value: Any
    document: Any

    def __str__(self) -> str:
        return f"{self.file}:{path_text(self.path)}"


def model_of(path: PurePosixPath) -> type[BaseModel] | None:
    if "instance-types" in path.parts or path.name.startswith("values"):
        return None
    return MODELS.get(path.parts[0])


@cache
def known_fields() -> tuple[Field, ...]:
    found = []
    for file, text in good().items():
        model = model_of(file)
        if model is None:
            continue
        document: Any = plain(parse_yaml(text, str(file)))
        for path in paths_of(document):
            above = model_at(model, path[:-1])
            for name, info in above.model_fields.items() if above is not None else ():
                if (info.alias or name) == path[-1]:
                    value = plain(node_at(parse_yaml(text, str(file)), path))  # type: ignore[arg-type]  # it is there
                    found.append(Field(file, path, info, value, document))
    return tuple(found)


def judged_of_file(files: Files, file: PurePosixPath) -> list[Told]:
    """Return what reading alone tells about one file, which is quick."""
    findings = Findings()
    of_fleet = {p: t for p, t in files.items() if p.parts[0] not in ("manifests", SCENARIO)}
    try:
        read_fleet_as_far(of_fleet, str, findings)
    except Mistakes as error:
        findings.extend(error.all)
    told = [Told(it.place, it.field, it.wrong) for it in findings.as_error().all]
    all_located(told, files)
    return [it for it in told if it.place.file == str(file)]


FIELDS = known_fields()
SAMPLE = 4
"""Every fourth field with each of three changes: 15 ms a time, and another fourth for each."""


def test_there_is_something_to_mutate() -> None:
    assert len(FIELDS) > 200
    assert {it.file.parts[0] for it in FIELDS} == set(MODELS)
    assert {it.place.file for it in accepted()} == {SCENARIO}


@pytest.mark.parametrize("remainder", range(SAMPLE))
def test_a_misspelt_field_is_told_at_its_key(remainder: int) -> None:
    for field in FIELDS[remainder::SAMPLE]:
        name = f"{field.path[-1]}x"
        files = with_document(
            field.file, changed(field.document, field.path, field.value, key=name)
        )
        tree = parse_yaml(files[field.file], str(field.file))
        place = place_of(tree, (*field.path[:-1], name), key=True)
        told = judged_of_file(files, field.file)
        assert any(it.place == place and "unknown field" in it.wrong for it in told), str(field)


def test_a_required_field_that_is_dropped_is_told_where_it_is_missing() -> None:
    required = [it for it in FIELDS if it.info.is_required()]
    assert len(required) > 30
    for field in required:
        files = with_document(field.file, changed(field.document, field.path, ...))
        told = judged_of_file(files, field.file)
        missing = [it for it in told if it.field == path_text(field.path)]
        assert [it.wrong for it in missing] == ["is missing"], str(field)


@pytest.mark.parametrize("remainder", range(SAMPLE))
def test_a_field_of_another_type_is_told_at_its_place(remainder: int) -> None:
    for field in FIELDS[remainder::SAMPLE]:
        model = model_of(field.file)
        assert model is not None
        if annotation_at(model, field.path) is Any:
            continue
        wrong = True if isinstance(field.value, dict | list) else {"a": ["b"]}
        files = with_document(field.file, changed(field.document, field.path, wrong))
        place = place_of(parse_yaml(files[field.file], str(field.file)), field.path)
        told = judged_of_file(files, field.file)
        assert any(it.place == place for it in told), f"{field}: {told}"


class Mutated(NamedTuple):
    """A file of the good fleet with another text."""

    file: PurePosixPath
    text: bytes


JUNK = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**30), 10**30)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=20)
    | st.sampled_from(["", "1e400", "-1s", "9" * 500, "é\u202e\U0001f30a", "a" * 70, "../../x"]),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=6,
)


@st.composite
def with_junk(draw: st.DrawFn) -> Mutated:
    """Draw the good fleet with a value anywhere replaced, doubled or taken away."""
    file = draw(st.sampled_from([path for path in good() if path != PurePosixPath(SCENARIO)]))
    documents: list[Any] = [plain(tree) for tree in documents_of(good()[file], str(file))]
    index = draw(st.integers(0, len(documents) - 1))
    path = draw(st.sampled_from(list(paths_of(documents[index]))))
    value = draw(st.just(...) | JUNK)
    return Mutated(file, with_document(file, changed(documents[index], path, value), index)[file])


@settings(max_examples=100, deadline=None)
@given(with_junk())
def test_any_value_anywhere_is_fine_or_told(it: Mutated) -> None:
    files = {**good(), it.file: it.text}
    all_located(judged(files), files)


@st.composite
def with_other_bytes(draw: st.DrawFn) -> Mutated:
    """Draw the good fleet with bytes of a file cut out, put in, or a line written twice."""
    file = draw(st.sampled_from([path for path in good() if path != PurePosixPath(SCENARIO)]))
    text = good()[file]
    if draw(st.booleans()):
        lines = text.splitlines(keepends=True)
        at = draw(st.integers(0, len(lines) - 1))
        return Mutated(file, b"".join([*lines[: at + 1], *lines[at:]]))
    begin = draw(st.integers(0, len(text)))
    end = draw(st.integers(begin, min(len(text), begin + 40)))
    bytes_in = draw(
        st.binary(max_size=4) | st.sampled_from([b"\t", b"---\n", b"&a *a", b"{", b": "])
    )
    return Mutated(file, text[:begin] + bytes_in + text[end:])


@settings(max_examples=100, deadline=None)
@given(with_other_bytes())
def test_any_bytes_are_fine_or_told(it: Mutated) -> None:
    files = {**good(), it.file: it.text}
    all_located(judged(files), files)
