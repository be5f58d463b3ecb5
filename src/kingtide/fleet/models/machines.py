"""Machines: their disks, and how they are replaced."""

from __future__ import annotations

from typing import Literal

from kingtide.fleet.documents.written import Written
from kingtide.fleet.fields import Bytes, NumberOrPercentage


class RootVolume(Written):
    """The disk that a machine starts from."""

    size: Bytes | None = None
    """Its size, as 100Gi; when absent, what kops takes."""
    type: Literal["standard", "gp2", "gp3", "io1", "io2"] | None = None
    """Its EBS volume type; when absent, what kops takes."""


class RollingUpdate(Written):
    """How nodes are replaced."""

    max_surge: NumberOrPercentage | None = None
    """Nodes added while rolling, a number or a percentage."""
    max_unavailable: NumberOrPercentage | None = None
    """Nodes missing while rolling, a number or a percentage."""
