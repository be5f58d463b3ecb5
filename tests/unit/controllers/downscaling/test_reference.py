"""The reference page of downscaling is what its settings and annotations say now."""

from __future__ import annotations

from pathlib import Path

import msgspec

from kingtide.controllers.downscaling import names
from kingtide.controllers.downscaling.reference import ANNOTATIONS, page
from kingtide.fleet.documents.field_texts import descriptions
from kingtide.fleet.policies.downscaling import DownscalingPolicy
from kingtide.fleet.policies.written import written_name


def test_the_page_is_current(repository: Path) -> None:
    found = (repository / "docs" / "reference" / "downscaling.md").read_text(encoding="utf-8")
    hint = "python -m kingtide.controllers.downscaling.reference > docs/reference/downscaling.md"
    assert found == page(), f"make it anew: {hint}"


def test_every_setting_and_annotation_stands_in_the_page_with_a_text() -> None:
    texts = descriptions(DownscalingPolicy)
    for field in msgspec.structs.fields(DownscalingPolicy):
        assert texts[field.name]
        assert f"| `{written_name(field.name)}` |" in page()
    ours = {getattr(names, name) for name in names.__all__}
    assert set(ANNOTATIONS) == ours - {names.KEDA_PAUSED_REPLICAS, names.PARKED}
