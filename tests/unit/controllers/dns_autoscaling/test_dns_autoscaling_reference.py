"""The reference page of the settings is what the settings say now."""

from __future__ import annotations

from pathlib import Path

from kingtide.controllers.dns_autoscaling.reference import page


def test_the_page_is_current(repository: Path) -> None:
    hint = "python -m kingtide.controllers.dns_autoscaling.reference > docs/reference/..."
    written = (repository / "docs" / "reference" / "dns-autoscaling.md").read_text(encoding="utf-8")
    assert written == page(), f"make it anew: {hint}"
