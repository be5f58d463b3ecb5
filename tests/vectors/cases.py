"""Reads vector files: where they are, which case lists they hold, what a case gives and expects."""

from __future__ import annotations

import copy
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec

FOLDER_VARIABLE = "KINGTIDE_VECTORS"
DEFAULT_FOLDER = Path(__file__).parent


class Case(msgspec.Struct, frozen=True):
    """One case as its claim sees it: everything the file says except what it expects."""

    file: str
    case_list: str
    name: str
    given: Mapping[str, Any]
    """The case without any expectation, so that no claim can echo one."""

    @property
    def input(self) -> Mapping[str, Any]:
        """The case's `input`; most files have one, the others use `given`."""
        value: Mapping[str, Any] = self.given["input"]
        return value


class Expectation(msgspec.Struct, frozen=True):
    """What one case expects: as a whole, and after each of its steps (None: nothing there)."""

    whole: Mapping[str, Any] | None
    step_list: str | None
    steps: Sequence[Mapping[str, Any] | None]


class LoadedCase(msgspec.Struct, frozen=True):
    """A case together with its expectation, which only the runner sees."""

    case: Case
    expectation: Expectation


def folder() -> Path:
    """The folder the cases come from: KINGTIDE_VECTORS, or the one this file stands in."""
    return Path(os.environ.get(FOLDER_VARIABLE) or DEFAULT_FOLDER)


def is_default_folder() -> bool:
    """Whether the cases come from the repository's own folder."""
    return folder().resolve() == DEFAULT_FOLDER.resolve()


def file_names() -> list[str]:
    """The vector files of the folder, by name without `.json`, sorted.

    Raises:
        FileNotFoundError: the folder is missing or holds none, which must not pass unseen.
    """
    names = sorted(path.stem for path in folder().glob("*.json"))
    if not names:
        raise FileNotFoundError(f"{FOLDER_VARIABLE}: {folder().resolve()} holds no vector file")
    return names


def read(file: str) -> Mapping[str, Any]:
    """The parsed vector file `file` (without `.json`).

    Raises:
        TypeError: the file is not a JSON object.
    """
    document = json.loads((folder() / f"{file}.json").read_text(encoding="utf-8"))
    if not isinstance(document, dict):
        raise TypeError(f"{file}.json: a vector file is a JSON object holding case lists")
    return document


def case_lists(document: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, list[Any]]]:
    """Every list of objects in a document, as (dotted path, list): those are its case lists.

    An empty list counts too: a case list without cases must not pass unseen.
    """
    for key, value in document.items():
        if isinstance(value, list) and all(isinstance(entry, dict) for entry in value):
            yield f"{prefix}{key}", value
        elif isinstance(value, dict):
            yield from case_lists(value, f"{prefix}{key}.")


def load(
    file: str,
    case_list: str,
    expected_keys: Sequence[str],
    step_keys: Sequence[str] = ("expected",),
) -> list[LoadedCase]:
    """All cases of one case list.

    `expected_keys` name the expectation where it is not `expected`, `step_keys` that of a step.

    Raises:
        KeyError: the file has no such case list.
    """
    entries = dict(case_lists(read(file)))[case_list]
    return [
        _load_case(file, case_list, str(index), entry, expected_keys, step_keys)
        for index, entry in enumerate(entries)
    ]


def _load_case(
    file: str,
    case_list: str,
    index: str,
    entry: Mapping[str, Any],
    expected_keys: Sequence[str],
    step_keys: Sequence[str],
) -> LoadedCase:
    given = copy.deepcopy(dict(entry))
    whole = _take(given, expected_keys)
    step_list = None
    steps: Sequence[Mapping[str, Any] | None] = ()
    for key, value in given.items():
        if not isinstance(value, list) or not all(isinstance(step, dict) for step in value):
            continue
        taken = [_take(step, step_keys) for step in value]
        if any(expected is not None for expected in taken):
            if step_list is not None:
                raise ValueError(f"{file}.json: {case_list}[{index}] expects in two step lists")
            step_list, steps = key, taken
    name = str(entry.get("name", entry.get("id", index)))
    return LoadedCase(
        case=Case(file=file, case_list=case_list, name=name, given=given),
        expectation=Expectation(whole=whole, step_list=step_list, steps=steps),
    )


def _take(entry: dict[str, Any], keys: Sequence[str]) -> Mapping[str, Any] | None:
    """Remove the expectation from `entry` and return it; None when there is none."""
    present = [key for key in keys if key in entry]
    if not present:
        return None
    if present == ["expected"] and isinstance(entry["expected"], dict):
        expected: dict[str, Any] = entry.pop("expected")
        return expected
    return {key: entry.pop(key) for key in present}
