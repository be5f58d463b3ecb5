"""Whatever a kops manifest says, it becomes a fleet that reads back, or is told with its place."""

from __future__ import annotations

import re
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kingtide.fleet.documents.mistakes import Mistakes
from kingtide.fleet.documents.tree import Plain
from kingtide.migration.fleet_yaml import fleet_yaml
from kingtide.migration.kops_dialect import Source
from kingtide.migration.kops_documents import read_manifests
from kingtide.migration.parts import Part, map_at
from kingtide.migration.rendering import joined, render, snippets_by_name
from kingtide.migration.values import read_values
from tests.unit.migration.round_trip import Imported, comparable

TOOLBOX = Path(__file__).resolve().parents[2] / "examples" / "kops-toolbox"
PLACED = re.compile(r"(m1\.yaml|proposed \S+)(:\d+:\d+)?: \S")
WRONG: tuple[Plain, ...] = (
    None, True, 0, -1, 10**12, Decimal("1.5"), "", "x", "é\n- *a", "1e3", "10.0.0.0/99", [], ["x"],
    [[]], [{}], {}, {"x": None}, {"name": "x"}, "spot_4x", "m5.large", "t9.medium", "[", "on",
)  # fmt: skip


def manifest() -> str:
    """Return the manifest that the example's templates render to."""

    def sources(*paths: Path) -> list[Source]:
        return [Source("", it.name, it.read_text("utf-8")) for it in sorted(paths)]

    snippets, _ = snippets_by_name(sources(*(TOOLBOX / "snippets").iterdir()))
    folder = TOOLBOX / "vars"
    values = read_values(sources(folder / "common.yaml", folder / "prod-customer.k8s.foo.bar.yaml"))
    return joined(render(sources(*(TOOLBOX / "templates").iterdir()), snippets, values))


MANIFEST = manifest()
BODIES = [
    it.body
    for cluster in read_manifests([Source("", "m1.yaml", MANIFEST)]).clusters
    for it in (cluster.document, *cluster.groups)
]


def places(value: Plain, at: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    """Return the path of everything within a value."""
    found = [at] if at else []
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(
        value, list) else ()  # fmt: skip
    for key, item in items:
        found += places(item, (*at, key))
    return found


def changed(value: Plain, path: tuple[str | int, ...], kind: str, new: Plain) -> Plain:
    """Return a value with what stands at a path dropped, misspelt or of another kind."""
    step, *rest = path
    if isinstance(value, list):
        items = list(value)
        index = int(step)
        if rest:
            items[index] = changed(items[index], tuple(rest), kind, new)
        elif kind == "retype":
            items[index] = new
        else:
            del items[index]
        return items
    assert isinstance(value, dict)
    found = dict(value)
    key = str(step)
    if rest:
        found[key] = changed(found[key], tuple(rest), kind, new)
    elif kind == "retype":
        found[key] = new
    elif kind == "drop":
        del found[key]
    else:
        found[f"{key}z"] = found.pop(key)
    return found


@st.composite
def mutated(draw: st.DrawFn) -> str:
    """Draw the manifest with up to two values changed."""
    bodies: list[Plain] = [*BODIES]
    for _ in range(draw(st.integers(1, 2))):
        index = draw(st.integers(0, len(bodies) - 1))
        found = places(bodies[index])
        if not found:
            continue
        kind = draw(st.sampled_from(("drop", "misspell", "retype")))
        path = draw(st.sampled_from(found))
        bodies[index] = changed(bodies[index], path, kind, draw(st.sampled_from(WRONG)))
    return "---\n".join(fleet_yaml(it).decode() for it in bodies)


def imported(text: str) -> Imported | None:
    """Import a manifest; None where it is told, with places, that this cannot be."""
    try:
        return Imported(text)
    except Mistakes as error:
        told = [str(it) for it in error.all]
    assert told
    assert [it for it in told if not PLACED.match(it)] == []
    return None


@settings(max_examples=120)
@given(mutated())
def test_a_mutated_manifest_comes_back_or_is_told_with_its_place(text: str) -> None:
    found = imported(text)
    if found is None:
        return
    (cluster,) = found.manifests.clusters
    (one,) = found.proposal.clusters
    made = found.documents(one.name)  # compiled, patches and all
    told = " ".join(found.patched[one.name].left_out)
    for document in (cluster.document, *cluster.groups):
        if f"InstanceGroup {document.name}:" in told:
            continue
        wanted: Part = comparable(document.body)
        assert without_nulls(comparable(made[document.kind, document.name])) == without_nulls(
            {key: it for key, it in wanted.items() if key != "status"}
        )


def without_nulls(value: Plain) -> Plain:
    """Return a value without what is null: kops does not tell it from what is absent."""
    if isinstance(value, dict):
        return {key: without_nulls(it) for key, it in value.items() if it is not None}
    return [without_nulls(it) for it in value] if isinstance(value, list) else value


@settings(max_examples=100)
@given(st.text(max_size=60) | st.sampled_from([MANIFEST[:at] for at in range(0, 6000, 97)]))
def test_any_text_is_imported_or_told_with_its_place(text: str) -> None:
    imported(text)


def test_the_manifest_that_is_mutated_is_right() -> None:
    found = imported(MANIFEST)
    assert found is not None
    assert found.patched["prod-customer"].left_out == ()
    assert [map_at(it, "metadata")["name"] for it in BODIES][-1] == "on-demand-4x-32gb"


@pytest.mark.parametrize("value", WRONG)
def test_a_value_is_written_so_that_it_reads_back(value: Plain) -> None:
    from kingtide.fleet.documents.tree import plain
    from kingtide.fleet.documents.yaml_tree import parse_yaml

    assert plain(parse_yaml(fleet_yaml({"a": [value]}), "f")) == {"a": [value]}
