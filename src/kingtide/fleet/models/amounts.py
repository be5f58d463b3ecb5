"""What one pod requests, or is limited to."""

from __future__ import annotations

from kingtide.fleet.documents.written import Written
from kingtide.fleet.fields import Bytes, Millicores


class Amounts(Written):
    """Resources of one pod."""

    cpu: Millicores = 0
    """CPU, as `500m` or `2`."""
    memory: Bytes = 0
    """Memory, as `512Mi`."""
