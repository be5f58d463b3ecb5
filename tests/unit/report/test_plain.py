import pytest

from kingtide.report.plain import plain


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("shop/front", "shop/front"),
        ("two\nlines\tand\rmore", "two lines and more"),
        ("\x1b[31mred", "\ufffd[31mred"),
        ("a\u202egpj.exe", "a\ufffdgpj.exe"),
        ("half \ud800 pair", "half \ufffd pair"),
        ("café – 東京 ✓", "café – 東京 ✓"),
    ],
    ids=["plain", "lines", "escape", "reversed", "surrogate", "languages"],
)
def test_only_harmless_characters_remain(given: str, expected: str) -> None:
    assert plain(given) == expected


def test_a_novel_is_cut() -> None:
    assert plain("x" * 1000, 10) == "x" * 9 + "…"
