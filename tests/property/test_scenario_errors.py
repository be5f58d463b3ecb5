"""Whatever is wrong in a scenario or fleet, the answer is located mistakes, never a traceback."""

from __future__ import annotations

import random
import tempfile
from pathlib import Path

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kingtide.fleet.documents.mistakes import Mistakes
from kingtide.rehearsal.prepare import prepare
from kingtide.rehearsal.scenario.read import AS_WRITTEN, Options
from tests.small_rehearsal import FILES

YAML_FILES = sorted(path for path in FILES if path.endswith(".yaml"))
OTHER_VALUES: list[object] = [
    None, True, -1, 0, 10**30, 1.5, "", "x", "-5m", "20:61", "9" * 70, [], [[]], {}, {"a": 1},
    ["a", 1], "2020-02-30 20:00", "?", "c5.4xlarge",
]  # fmt: skip


def paths_in(value: object, at: tuple[object, ...] = ()) -> list[tuple[object, ...]]:
    """Return the path of every value below the top."""
    found: list[tuple[object, ...]] = []
    if isinstance(value, dict):
        children = list(value.items())
    elif isinstance(value, list):
        children = list(enumerate(value))
    else:
        return found
    for key, child in children:
        found.append((*at, key))
        found.extend(paths_in(child, (*at, key)))
    return found


def mutated(document: object, draw: random.Random) -> object:
    """Return a document with one field dropped, misspelt or of another type."""
    paths = paths_in(document)
    if not paths:
        return document
    path = draw.choice(paths)
    parent: object = document
    for step in path[:-1]:
        parent = parent[step]  # type: ignore[index]  # built-in containers from YAML
    last = path[-1]
    how = draw.choice(["drop", "misspell", "retype"])
    if isinstance(parent, dict) and how == "misspell":
        parent[f"{last}x"] = parent.pop(last)
    elif isinstance(parent, dict | list) and how == "drop":
        del parent[last]  # type: ignore[arg-type]  # the step came from this container
    else:
        parent[last] = draw.choice(OTHER_VALUES)  # type: ignore[index]  # as above
    return document


def mistakes_of(folder: Path, options: Options = AS_WRITTEN) -> list[str]:
    """Return the mistakes of a folder's scenario, none when it is right."""
    try:
        prepare(folder / "rehearsal.yaml", options)
    except Mistakes as error:
        return [str(mistake) for mistake in error.all] or ["mistakes that hold none"]
    return []


def located(mistake: str, folder: Path) -> bool:
    """Return whether a message begins with a file of the folder."""
    return mistake.startswith(f"{folder}/")


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(seed=st.integers(0, 2**32), changes=st.integers(1, 4))
def test_a_mutated_fleet_or_scenario_is_right_or_has_located_mistakes(
    seed: int, changes: int
) -> None:
    draw = random.Random(seed)
    texts = dict(FILES)
    for _ in range(changes):
        name = draw.choice(YAML_FILES)
        texts[name] = yaml.safe_dump(mutated(yaml.safe_load(texts[name]), draw))
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        for name, text in texts.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(text)
        for mistake in mistakes_of(folder):
            assert located(mistake, folder), mistake


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(text=st.binary(max_size=200), file=st.sampled_from(sorted(FILES)))
def test_any_bytes_in_any_file_are_right_or_located_mistakes(text: bytes, file: str) -> None:
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        for name, good in FILES.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_bytes(text if name == file else good.encode())
        with pytest.raises(Mistakes) as caught:
            prepare(folder / "rehearsal.yaml")
        assert all(located(str(mistake), folder) for mistake in caught.value.all)


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    setting=st.text(max_size=40)
    | st.builds(
        "{}={}".format,
        st.lists(
            st.sampled_from(
                [
                    "applications",
                    "web",
                    "hpa",
                    "cloud",
                    "outages[0]",
                    "latencies",
                    "x",
                    "[0]",
                    "a[1]",
                ]
            ),
            min_size=1,
            max_size=4,
        ).map(".".join),
        st.text(max_size=10) | st.sampled_from(["{", "[1]", "{a: 1}", "3", "-1s"]),
    )
)
def test_any_setting_is_right_or_a_mistake(setting: str) -> None:
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        for name, good in FILES.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(good)
        for mistake in mistakes_of(folder, Options(settings=(setting,))):
            assert mistake.startswith(("--set ", str(folder))), mistake
