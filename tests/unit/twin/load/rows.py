"""Pods as rows, for tests: (application, ready, fixed, limit, request, node)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from kingtide.twin.load.serving import PodLoad

Row = tuple[int, bool, int, int, int, int]


def pods(rows: Sequence[Row]) -> PodLoad:
    """Turn rows into columns."""
    return PodLoad(
        application=np.array([row[0] for row in rows], np.int16),
        ready=np.array([row[1] for row in rows], np.bool_),
        fixed=np.array([row[2] for row in rows], np.int64),
        limit=np.array([row[3] for row in rows], np.int64),
        request=np.array([row[4] for row in rows], np.int64),
        node=np.array([row[5] for row in rows], np.int32),
    )
