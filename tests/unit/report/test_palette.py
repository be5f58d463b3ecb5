import itertools

import pytest

from kingtide.report.palette import CLASS_DASHES, DASHES, INKS, SURFACES, Ink, Mode

MODES: tuple[Mode, ...] = ("light", "dark")
INK_NAMES: tuple[Ink, ...] = tuple(INKS["light"])


def luminance(colour: str) -> float:
    """Relative luminance of WCAG 2.2."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("ink", INK_NAMES)
def test_every_ink_stands_out_from_its_card(mode: Mode, ink: Ink) -> None:
    assert contrast(INKS[mode][ink], SURFACES[mode].card) >= 4.5


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("name", ["text", "muted", "good", "bad", "warning", "accent"])
def test_every_text_colour_is_readable_on_page_and_card(mode: Mode, name: str) -> None:
    surface = SURFACES[mode]
    assert contrast(getattr(surface, name), surface.card) >= 4.5
    assert contrast(getattr(surface, name), surface.page) >= 4.5


def test_both_modes_have_the_same_inks() -> None:
    assert set(INKS["light"]) == set(INKS["dark"])


def test_dashes_differ_so_that_no_line_is_told_by_colour_alone() -> None:
    patterns = [DASHES[dash] for dash in CLASS_DASHES]
    assert all(one != other for one, other in itertools.combinations(patterns, 2))
