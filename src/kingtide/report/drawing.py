"""One panel drawn with matplotlib: the same lines, inks and dashes as in the page."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import cache
from typing import Literal

import numpy as np
from matplotlib.axes import Axes
from matplotlib.font_manager import findfont, get_font
from matplotlib.ticker import MaxNLocator
from numpy.typing import NDArray

from kingtide.rehearsal.record import Series
from kingtide.report.clock import local
from kingtide.report.figures import UNIT_LABELS, number_text
from kingtide.report.palette import DASHES, INKS, SURFACES
from kingtide.report.panels import Line, Panel, is_flat
from kingtide.report.plain import plain
from kingtide.report.worst import WorstMoment

INK = INKS["light"]
SURFACE = SURFACES["light"]
TICK_MINUTES = (1, 2, 5, 10, 15, 30, 60, 120, 180, 360, 720, 1440)
TICKS_MAX = 10
COUNTED = ("pods", "nodes", "count")


@cache
def _glyphs() -> frozenset[int]:
    return frozenset(get_font(findfont("DejaVu Sans")).get_charmap())


def drawable(value: str, characters_max: int = 80) -> str:
    """Return text in the glyphs that matplotlib brings along; any other is a replacement mark."""
    glyphs = _glyphs()
    return "".join(c if ord(c) in glyphs else "\ufffd" for c in plain(value, characters_max))


def time_ticks(start_ms: int, end_ms: int, timezone: str) -> tuple[list[int], list[str]]:
    """Return at most ten round local times of a span, as Unix milliseconds and as text."""
    span_minutes = (end_ms - start_ms) / 60_000
    fitting = [m for m in TICK_MINUTES if span_minutes / m <= TICKS_MAX]
    step_ms = (fitting[0] if fitting else math.ceil(span_minutes / 1440 / 10) * 1440) * 60_000
    offset_ms = round(local(start_ms, timezone).offset.total("milliseconds"))
    first = -(-(start_ms + offset_ms) // step_ms) * step_ms - offset_ms
    ticks = list(range(first, end_ms + 1, step_ms))
    times = [local(ms, timezone) for ms in ticks]
    return ticks, [f"{time.hour:02}:{time.minute:02}" for time in times]


def draw_panel(
    axes: Axes, panel: Panel, series: dict[str, Series], times_ms: NDArray[np.float64]
) -> None:
    """Draw a panel's lines with a legend above them; `series` is by the keys of its lines."""
    below = np.zeros(len(times_ms))
    # The legend is one row beside the title, however many priority classes there are.
    label_characters = min(24, max(6, 84 // len(panel.lines)))
    for i, line in enumerate(panel.lines):
        if line.hidden:
            continue
        values = np.asarray(series[line.key].values, dtype=np.float64)
        if i < panel.stacked and not values.any():  # it would only trace the line below it
            values = np.full(len(times_ms), np.nan)
        floor = below if i < panel.stacked else np.zeros(len(times_ms))
        _draw_line(axes, line, times_ms, floor, floor + values, label_characters)
        if i < panel.stacked:
            below = below + np.nan_to_num(values)
    _frame(axes, panel)
    if is_flat(panel, series):
        axes.set_yticks([0])
    axes.set_ylim(0, max(axes.get_ylim()[1], 1.0 if panel.unit in COUNTED else 0.1))


def _draw_line(
    axes: Axes,
    line: Line,
    times_ms: NDArray[np.float64],
    floor: NDArray[np.float64],
    top: NDArray[np.float64],
    label_characters: int,
) -> None:
    colour, dash = INK[line.ink], DASHES[line.dash]
    if line.area:
        step: Literal["post"] | None = "post" if line.stepped else None
        axes.fill_between(times_ms, floor, top, step=step, color=colour, alpha=0.18, linewidth=0)
    axes.plot(
        times_ms,
        top,
        color=colour,
        linewidth=1.3,
        linestyle=(0, tuple(n * 0.6 for n in dash)) if dash else "-",
        drawstyle="steps-post" if line.stepped else "default",
        label=drawable(line.label, label_characters),
        solid_joinstyle="round",
    )


def _frame(axes: Axes, panel: Panel) -> None:
    unit = UNIT_LABELS[panel.unit]
    title = panel.title if unit in panel.title.lower() else f"{panel.title}, {unit}"
    axes.set_title(title, loc="left", fontsize=9.5, fontweight="bold", color=SURFACE.text, pad=6)
    axes.legend(
        loc="lower right",
        bbox_to_anchor=(1.0, 1.0),
        ncols=len(panel.lines),
        frameon=False,
        fontsize=8,
        handlelength=2.6,
        columnspacing=1.4,
        borderpad=0.1,
        labelcolor=SURFACE.muted,
    )
    axes.grid(True, color=SURFACE.grid, linewidth=0.8)
    axes.set_axisbelow(True)
    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)
    axes.spines["bottom"].set_color(SURFACE.line)
    axes.tick_params(length=0, labelsize=8, labelcolor=SURFACE.muted)
    axes.tick_params(axis="x", pad=5)
    axes.yaxis.set_major_locator(MaxNLocator(4, integer=panel.unit in COUNTED, min_n_ticks=3))
    axes.margins(x=0, y=0.3)


def annotate(
    axes: Axes, moments: Sequence[WorstMoment], panel: Panel, clock: Sequence[str]
) -> None:
    """Write the worst of this panel's moments beside its peak, on the side with more room."""
    own = [(m, t) for m, t in zip(moments, clock, strict=True) if m.panel == panel.id]
    if not own:
        return
    moment, time = max(own, key=lambda pair: pair[0].amount)
    left, right = axes.get_xlim()
    on_left = (moment.at_ms - left) / (right - left) > 0.7
    axes.axvline(moment.at_ms, color=SURFACE.bad, linewidth=0.9, linestyle=(0, (2, 2)))
    axes.annotate(
        f"{number_text(moment.amount, panel.unit)} {drawable(moment.what, 30)} at {time}",
        (moment.at_ms, 0.98),
        xycoords=("data", "axes fraction"),
        xytext=(-5 if on_left else 5, 0),
        textcoords="offset points",
        ha="right" if on_left else "left",
        va="top",
        fontsize=8,
        fontweight="bold",
        color=SURFACE.bad,
        bbox={"facecolor": SURFACE.card, "alpha": 0.8, "linewidth": 0, "pad": 1.5},
    )
