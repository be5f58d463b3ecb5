"""The envelope that all kinds of documents share."""

from __future__ import annotations

from kingtide.fleet.documents.written import Written
from kingtide.fleet.fields import Name
from kingtide.fleet.models.waiver import Waiver


class Metadata(Written):
    """What identifies a document."""

    name: Name
    """Unique among the documents of its kind."""
    labels: dict[str, str] = {}
    """Free labels by which stages and tools select."""
    waivers: tuple[Waiver, ...] = ()
    """Findings of `kingtide check` that are accepted, each with a reason and an end."""
