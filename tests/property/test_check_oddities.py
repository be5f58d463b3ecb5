"""Whatever stands in a manifest or in a patch, a check tells what it finds and never breaks."""

from __future__ import annotations

import json

from hypothesis import given, settings
from hypothesis import strategies as st

from kingtide.check.registry import RULES
from kingtide.check.rule import Example
from kingtide.check.rules.workloads.example import (
    ADMIN,
    BUDGET,
    DAEMON_SET,
    DEPLOYMENT,
    on_admin,
)
from kingtide.check.run import check_fleet
from kingtide.fleet.documents.tree import Path, Plain, plain
from kingtide.fleet.documents.yaml_tree import parse_yaml
from tests.unit.check.example_fleet import example_view

OBJECTS = [
    plain(parse_yaml(text.encode(), "x.yaml"))
    for text in (DEPLOYMENT, on_admin(DEPLOYMENT), DAEMON_SET, BUDGET)
]
TEXTS = [
    "",
    "1",
    "10%",
    "-1",
    "1Gi",
    "x:y",
    "a/b/c",
    "10.0.0.0/99",
    "arn:aws:iam::1:role/",
    "s3://",
]
odd: st.SearchStrategy[Plain] = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(-(10**12), 10**12), st.sampled_from(TEXTS)),
    lambda below: st.one_of(
        st.lists(below, max_size=3),
        st.dictionaries(
            st.sampled_from(["name", "cpu", "key", "value", "image"]), below, max_size=3
        ),
    ),
    max_leaves=6,
)


def paths(body: Plain, at: Path = ()) -> list[Path]:
    found = [at] if at else []
    if isinstance(body, dict):
        for key, below in body.items():
            found += paths(below, (*at, key))
    elif isinstance(body, list):
        for index, below in enumerate(body):
            found += paths(below, (*at, index))
    return found


def with_value(body: Plain, path: Path, value: Plain) -> Plain:
    if not path:
        return value
    step, rest = path[0], path[1:]
    if isinstance(body, dict):
        return {k: with_value(it, rest, value) if k == step else it for k, it in body.items()}
    if isinstance(body, list):
        return [with_value(it, rest, value) if i == step else it for i, it in enumerate(body)]
    return body


def check(example: Example) -> None:
    for it in check_fleet(example_view(example), RULES, "2026-11-22").findings:
        assert it.place.file
        assert it.wrong
        assert it.instead


@settings(max_examples=150)
@given(st.data())
def test_a_manifest_with_an_odd_value_is_checked(data: st.DataObject) -> None:
    objects = [*OBJECTS]
    index = data.draw(st.integers(0, len(objects) - 1))
    path = data.draw(st.sampled_from(paths(objects[index])))
    objects[index] = with_value(objects[index], path, data.draw(odd))
    text = "---\n".join(json.dumps(it) + "\n" for it in objects)
    check(Example(spec=ADMIN, files={"manifests/odd.yaml": text}))


DOCUMENTS = example_view(Example()).clusters[0].kops
assert DOCUMENTS is not None
BODIES = {it.name: it.body for it in (DOCUMENTS.cluster, *DOCUMENTS.groups)}
KINDS = {it.name: it.kind for it in (DOCUMENTS.cluster, *DOCUMENTS.groups)}


@settings(max_examples=150)
@given(st.data())
def test_a_kops_document_with_an_odd_value_is_checked(data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(sorted(BODIES)))
    path = data.draw(st.sampled_from(paths(BODIES[name])))
    pointer = "".join(f"/{str(step).replace('~', '~0').replace('/', '~1')}" for step in path)
    operation = {"op": "replace", "path": pointer, "value": data.draw(odd)}
    patch = {"target": {"kind": KINDS[name], "name": name}, "json6902": [operation]}
    check(Example(spec=f"kops: {json.dumps({'patches': [patch]})}"))
