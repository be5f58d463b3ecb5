"""The run as a picture: the page's plots under each other, for a chat, a ticket or a README."""

from __future__ import annotations

import io
from collections.abc import Sequence

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from kingtide.rehearsal.record import RunRecord, Series
from kingtide.report.clock import clock_text, span_text
from kingtide.report.drawing import SURFACE, annotate, draw_panel, drawable, time_ticks
from kingtide.report.headline import tiles
from kingtide.report.marks import Tone, lane
from kingtide.report.names import leading_application
from kingtide.report.palette import INKS
from kingtide.report.panels import (
    Panel,
    application_panels,
    cluster_panels,
    is_flat,
    known_series,
)
from kingtide.report.worst import worst_moments

WIDTH_INCHES = 10.0
DOTS_PER_INCH = 160
"""1600 pixels: two for each of the 800 that a chat or a README shows."""

FLAT_INCHES = 0.3

OVERVIEW_PANELS = ("unavailable", "nodes", "app-cpu")
"""What a README has room for: what hurt, what was done about it, and what caused it."""

_TONES: dict[Tone, tuple[str, str]] = {
    "bad": ("^", SURFACE.bad),
    "warning": ("D", SURFACE.warning),
    "acted": ("s", SURFACE.accent),
    "refused": ("s", INKS["light"]["purple"]),
    "noticed": ("o", SURFACE.muted),
    "info": ("o", INKS["light"]["green"]),
}
_HOLLOW: tuple[Tone, ...] = ("refused", "noticed")

Plot = tuple[Panel, dict[str, Series]]


def render(record: RunRecord) -> bytes:
    """Return a tall PNG, 1600 pixels wide, of the events and every plot.

    The same record gives the same bytes with the same matplotlib.
    """
    return _picture(record, _plots(record), row_inches=1.05)


def overview(record: RunRecord) -> bytes:
    """Return a PNG of the same width but three plots, small enough for a README (docs/images)."""
    plots = [plot for plot in _plots(record) if plot[0].id in OVERVIEW_PANELS]
    return _picture(record, plots, row_inches=1.25)


def _plots(record: RunRecord) -> list[Plot]:
    series = known_series(record)
    plots: list[Plot] = [(panel, series) for panel in cluster_panels(record)]
    name = leading_application(record)
    if name is not None:
        prefix = f"app.{name}."
        own = {k.removeprefix(prefix): s for k, s in series.items() if k.startswith(prefix)}
        title = drawable(name, 40)
        plots += [(_named(panel, title), own) for panel in application_panels(record, name)]
    return plots


def _named(panel: Panel, application: str) -> Panel:
    return Panel(panel.id, f"{application}: {panel.title}", panel.unit, panel.lines, panel.stacked)


def _picture(record: RunRecord, plots: Sequence[Plot], row_inches: float) -> bytes:
    with mpl.rc_context():
        mpl.rcdefaults()  # no setting of the machine changes the picture
        mpl.rcParams["text.parse_math"] = False  # no dollar in a user's name is mathematics
        shown = lane(record)
        lane_inches = 0.25 + 0.19 * len(shown.rows)
        rows = [FLAT_INCHES if is_flat(*plot) else row_inches for plot in plots]
        heights = [lane_inches, *rows] if record.times_ms else [1.0]
        gap, head, foot = 0.52, 1.9, 0.35
        tall = head + sum(heights) + gap * (len(heights) - 1) + foot
        figure = Figure(figsize=(WIDTH_INCHES, tall), dpi=DOTS_PER_INCH, facecolor=SURFACE.card)
        FigureCanvasAgg(figure)
        _heading(figure, record, tall)
        top = tall - head
        all_axes = []
        for height in heights:
            bottom = top - height
            all_axes.append(figure.add_axes((0.07, bottom / tall, 0.905, height / tall)))
            top = bottom - gap
        if record.times_ms:
            _draw_lane(all_axes[0], record)
            _draw_plots(all_axes, record, plots)
        else:
            all_axes[0].axis("off")
            all_axes[0].text(0, 0.5, "Not one step was computed.", color=SURFACE.muted)
        out = io.BytesIO()
        # matplotlib would write its version and, elsewhere, the date.
        figure.savefig(out, format="png", metadata={"Software": None})
        return out.getvalue()


def _heading(figure: Figure, record: RunRecord, tall: float) -> None:
    def write(inches: float, text: str, size: float, colour: str, weight: str = "normal") -> None:
        figure.text(0.025, 1 - inches / tall, text, fontsize=size, color=colour, weight=weight)

    span = span_text(record.start_ms, record.end_ms, record.timezone)
    write(0.45, drawable(record.name, 45), 20, SURFACE.text, "bold")
    facts = (
        drawable(record.cluster, 40),
        f"{span} {drawable(record.timezone)}",
        f"seed {record.seed}",
        f"trace {drawable(record.trace_hash[:12])}",
    )
    write(0.72, "  ·  ".join(facts), 9.5, SURFACE.muted)
    unmet = [r for r in record.expectations if not r.passed]
    if record.partial:
        reached = clock_text(record.reached_ms, record.timezone)
        write(0.95, f"Partial run: stopped at {reached}", 9.5, SURFACE.warning, "bold")
    elif unmet:
        title = f"✗ {len(unmet)} of {len(record.expectations)} expectations not met: "
        write(0.95, title + drawable(unmet[0].expression, 60), 9.5, SURFACE.bad, "bold")
    elif record.expectations:
        write(0.95, f"✓ {len(record.expectations)} expectations met", 9.5, SURFACE.good, "bold")
    shown = tiles(record)
    for i, tile in enumerate(shown):
        x = 0.025 + i * 0.95 / max(len(shown), 1)
        figure.text(x, 1 - 1.21 / tall, tile.title, fontsize=7.5, color=SURFACE.muted)
        figure.text(
            x, 1 - 1.42 / tall, tile.value, fontsize=11.5, color=SURFACE.text, weight="bold"
        )


def _draw_plots(all_axes: Sequence[Axes], record: RunRecord, plots: Sequence[Plot]) -> None:
    times = np.asarray(record.times_ms, dtype=np.float64)
    moments = worst_moments(record)
    clock = [clock_text(moment.at_ms, record.timezone) for moment in moments]
    ticks, labels = time_ticks(record.times_ms[0], record.times_ms[-1], record.timezone)
    for axes, (panel, series) in zip(all_axes[1:], plots, strict=True):
        draw_panel(axes, panel, series, times)
        annotate(axes, moments, panel, clock)
    for axes in all_axes:
        axes.set_xlim(float(times[0]), float(max(times[-1], times[0] + 1)))
        axes.set_xticks(ticks, labels)


def _draw_lane(axes: Axes, record: RunRecord) -> None:
    shown = lane(record)
    axes.set_title(
        "Events and decisions", loc="left", fontsize=9.5, weight="bold", color=SURFACE.text, pad=6
    )
    for tone, (marker, colour) in _TONES.items():
        places = [(m.at_ms, m.row) for m in shown.marks if m.tone == tone]
        if places:
            face = SURFACE.card if tone in _HOLLOW else colour
            x, y = zip(*places, strict=True)
            axes.scatter(
                x,
                y,
                marker=marker,
                s=20,
                facecolor=face,
                edgecolor=colour,
                linewidth=0.9,
                zorder=3,
                clip_on=False,
            )
    for row, title in enumerate(shown.rows):
        axes.axhline(row, color=SURFACE.grid, linewidth=0.8, zorder=1)
        axes.annotate(
            drawable(title, 30),
            (1, row),
            xycoords=("axes fraction", "data"),
            ha="right",
            va="center",
            fontsize=7.5,
            color=SURFACE.muted,
            bbox={"facecolor": SURFACE.card, "linewidth": 0, "pad": 1.2, "alpha": 0.75},
            zorder=2,
        )
    axes.set_ylim(max(len(shown.rows), 1) - 0.4, -0.6)
    axes.set_yticks([])
    axes.tick_params(length=0, labelsize=8, labelcolor=SURFACE.muted)
    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)
    axes.spines["bottom"].set_color(SURFACE.line)
