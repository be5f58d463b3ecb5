"""What a review comes to: whether an object may be, what is changed, and what is told."""

from __future__ import annotations

import msgspec

from kingtide.kube.patching.json_patch import Operation
from kingtide.kube.patching.json_pointer import Json, pointer_of

Path = tuple[str | int, ...]
"""Where in an object: names of fields and places in lists."""


class Change(msgspec.Struct, frozen=True):
    """One value that is set or taken away; `path` is where, `value` UNSET takes it away.

    No two changes of a review are at the same place, nor one within the other, and none inserts
    into a list: they can be made in any order.
    """

    rule: str
    path: Path
    value: Json = msgspec.UNSET

    @property
    def operation(self) -> Operation:
        """The operation of a JSON patch that makes it."""
        pointer = pointer_of(self.path)
        if self.value is msgspec.UNSET:
            return Operation("remove", pointer)
        return Operation("add", pointer, self.value)


class Told(msgspec.Struct, frozen=True):
    """Something that is wrong: its rule and code, where, what, and what to do about it."""

    rule: str
    code: str
    path: Path
    wrong: str
    instead: str

    @property
    def sentence(self) -> str:
        """All of it in one line: `spec.template...: is no ...; write ...`."""
        return f"{self.rule}: {shown(self.path)} {self.wrong}; {self.instead}"


class Verdict(msgspec.Struct, frozen=True):
    """What becomes of an object; `allowed` is False where there are refusals."""

    changes: tuple[Change, ...] = ()
    refusals: tuple[Told, ...] = ()
    warnings: tuple[Told, ...] = ()

    @property
    def allowed(self) -> bool:
        """Whether the object may be."""
        return not self.refusals

    @property
    def operations(self) -> tuple[Operation, ...]:
        """The changes as a JSON patch."""
        return tuple(it.operation for it in self.changes)


class Refused(msgspec.Struct, frozen=True):
    """What a rule says of something that may not be so."""

    code: str
    path: Path
    wrong: str
    instead: str


class Warned(msgspec.Struct, frozen=True):
    """What a rule says of something that may be so, and is better otherwise."""

    code: str
    path: Path
    wrong: str
    instead: str


class Set(msgspec.Struct, frozen=True):
    """What a rule changes; UNSET takes the value away."""

    path: Path
    value: Json = msgspec.UNSET


Said = Set | Refused | Warned


def shown(path: Path) -> str:
    """Return a path as Kubernetes' messages have it: `spec.containers[0].image`."""
    text = ""
    for step in path:
        text += f"[{step}]" if isinstance(step, int) else f".{step}" if text else step
    return text or "the object"
