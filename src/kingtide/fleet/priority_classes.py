"""PriorityClasses whose names mean something to Kingtide."""

from __future__ import annotations

DEFAULT_PRIORITY_CLASS = "default"
"""The class of pods that name none; 0 where a cluster does not write it."""
