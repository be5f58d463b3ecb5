"""The result as counts, and as tables between the page's marks."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from mutations import report
from mutations.explanations import Explanation, read_explanations
from mutations.mutants import Mutant, mutants_of
from mutations.trial import Outcome, Verdict

QUEUE, RULE = "src/kingtide/control/queue.py", "src/kingtide/controllers/one/rule.py"
EXPLANATION = Explanation("control/queue.py", "speed", "Only asks once more.", function="takes")


def judged(path: str, *outcomes: Outcome) -> list[tuple[Mutant, Verdict]]:
    mutants = mutants_of(path, "def takes(a):\n    return a < 5 | 6\n")
    return [
        (mutant, Verdict(path, mutant.number, "digest", outcome, tried_ms=1_900))
        for mutant, outcome in zip(mutants, outcomes, strict=False)
    ]


def result() -> report.Result:
    both = judged(QUEUE, "caught", "survived", "timeout") + judged(RULE, "unreached")
    return report.result_of(both, 6, 2, "abc", [EXPLANATION])


def test_a_timeout_is_noticed_and_what_no_test_reaches_is_not() -> None:
    assert [(it.name, it.mutants, it.caught) for it in result().rooms] == [
        ("control", 3, 2),
        ("controllers/one", 1, 0),
    ]
    assert result().total.percent == "50.0 %"


def test_a_share_is_rounded_down() -> None:
    assert report.Count("all", 10_000, 8_499).percent == "84.9 %"


def test_survivors_tell_where_they_are_and_why_they_survive() -> None:
    assert [(it.place, it.why, it.because) for it in result().survivors] == [
        ("control/queue.py:2", "speed", "Only asks once more."),
        ("controllers/one/rule.py:2", "a test is missing", ""),
    ]


def test_the_tables_stand_between_the_marks_and_may_be_written_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = tmp_path / "docs/concepts/invariants.md"
    page.parent.mkdir(parents=True)
    page.write_text(f"# Before\n{report.BEGIN}\nold\n{report.END}\nafter\n")
    monkeypatch.chdir(tmp_path)
    report.write_page(result())
    once = page.read_text()
    report.write_page(result())
    assert page.read_text() == once
    assert once.startswith("# Before\n")
    assert once.endswith("\nafter\n")
    assert (
        "| control/queue.py:2 | `a < 5 \\| 6 → a >= 5 \\| 6` | speed: Only asks once more. |"
        in once
    )
    assert "A sample, one in 2 of 6 mutants (4 tried, at commit abc," in once
    assert "old" not in once


def test_another_sample_tells_where_it_began() -> None:
    other = msgspec.structs.replace(result(), skipped=1)
    assert "A sample, one in 2 after the first 1 of 6 mutants" in report.as_markdown(other)


def test_a_page_without_marks_is_left_as_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = tmp_path / "docs/concepts/invariants.md"
    page.parent.mkdir(parents=True)
    page.write_text("# Before\n")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ValueError, match="has no line"):
        report.write_page(result())
    assert page.read_text() == "# Before\n"


def test_the_page_tells_the_kept_result(repository: Path) -> None:
    kept = msgspec.json.decode((repository / report.RESULT).read_bytes(), type=report.Result)
    page = (repository / report.PAGE).read_text(encoding="utf-8")
    assert report.as_markdown(kept) in page


def test_an_unknown_reason_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "survivors.toml"
    file.write_text('[[survivor]]\npath = "a.py"\nwhy = "luck"\nbecause = "."\n')
    with pytest.raises(msgspec.ValidationError, match=r"luck.*survivor\[0\]\.why"):
        read_explanations(file)
