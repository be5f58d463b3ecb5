"""A plan as the bytes of a file, and back."""

from __future__ import annotations

import hashlib

import msgspec

from kingtide.compile.plan.model import PLAN_VERSION, Plan

MAX_BYTES = 64_000_000
"""A cluster's documents are some 40 kB, twice; this is hundreds of clusters."""


class NotAPlan(ValueError):
    """Bytes that hold no plan which this version can carry out; the message says why."""


class _Head(msgspec.Struct):
    kind: str = ""
    version: int = 0


class _File(msgspec.Struct, frozen=True):
    """A plan with what it is and the digest of the rest, so that nobody edits one by accident."""

    plan: Plan
    digest: str
    kind: str = "kingtide.dev/plan"
    version: int = PLAN_VERSION


def encode_plan(plan: Plan) -> bytes:
    """Return a plan's file: indented JSON, the same bytes for the same plan."""
    file = _File(plan, plan_digest(plan))
    return msgspec.json.format(msgspec.json.encode(file), indent=2) + b"\n"


def decode_plan(content: bytes) -> Plan:
    """Return the plan of a file.

    Raises:
        NotAPlan: it is none, of another version, or was changed after it was written.
    """
    try:
        head = msgspec.json.decode(content, type=_Head)
    except msgspec.DecodeError as error:
        raise NotAPlan(f"is no plan ({error})") from error
    if head.kind != "kingtide.dev/plan":
        raise NotAPlan("is no plan; `kingtide plan --out FILE` writes one")
    if head.version != PLAN_VERSION:
        raise NotAPlan(f"is a plan of version {head.version}, not {PLAN_VERSION}; plan again")
    try:
        file = msgspec.json.decode(content, type=_File)
    except msgspec.DecodeError as error:
        raise NotAPlan(f"is no plan ({error})") from error
    if file.digest != plan_digest(file.plan):
        raise NotAPlan("was changed after it was written; plan again")
    return file.plan


def plan_digest(plan: Plan) -> str:
    """Return the SHA-256 of a plan, in hexadecimal."""
    return hashlib.sha256(msgspec.json.encode(plan)).hexdigest()
