from __future__ import annotations

from pathlib import Path

from kingtide.check.reference import explained, page
from kingtide.check.registry import RULES


def test_the_page_is_what_the_rules_say(repository: Path) -> None:
    hint = "python -m kingtide.check.reference > docs/reference/checks.md"
    written = (repository / "docs" / "reference" / "checks.md").read_text(encoding="utf-8")
    assert written == page(), f"old; run `{hint}`"


def test_every_rule_has_its_section_with_both_examples() -> None:
    text = page()
    for rule in RULES:
        section = text.partition(f"### {rule.code}\n")[2].partition("\n### ")[0]
        assert rule.why in section
        assert section.count("```yaml\n") == 2


def test_a_rule_explained_has_its_reason_and_both_examples() -> None:
    for rule in RULES:
        text = explained(rule)
        assert text.startswith(f"{rule.code} ({rule.severity}): {rule.title}\n\n{rule.why}\n")
        assert text.index("Found in:") < text.index("Not in:")
