"""The run as one HTML file that needs nothing else: no network, no server, below one megabyte."""

from __future__ import annotations

import base64
import hashlib
from functools import cache
from importlib.resources import files

from kingtide.rehearsal.record import RunRecord
from kingtide.report import sections
from kingtide.report.marks import Lane, lane, thinned
from kingtide.report.markup import text
from kingtide.report.names import application_series, applications, leading_application
from kingtide.report.palette import INKS, css_variables
from kingtide.report.payload import Detail, payload

PAGE_BYTES_MAX = 1_000_000
"""A page is mailed, attached to an incident, opened on a phone; a megabyte passes through all."""

FINE, COARSE = 100_000, 2_000
"""Levels of a line: beyond any digit shown, and beyond any pixel of a plot 200 pixels high."""

DETAILS = (
    Detail(FINE, FINE, 1, 1, 20_000, 1000),
    Detail(FINE, COARSE, 1, 1, 20_000, 1000),
    Detail(FINE, COARSE, 1, 4, 20_000, 1000),
    Detail(FINE, COARSE, 1, 8, 10_000, 1000),
    Detail(FINE, COARSE, 1, 16, 5_000, 500),
    Detail(COARSE, COARSE, 4, 32, 3_000, 200),
    Detail(COARSE, COARSE, 8, 64, 2_000, 100),
    Detail(COARSE, COARSE, 16, 128, 1_000, 60),
    Detail(COARSE, COARSE, 64, 512, 300, 20),
    Detail(COARSE, COARSE, 256, 2048, 100, 5),
)
"""Tried in this order until the page is small enough; what was left out is said on the page."""

SCRIPTS = ("decode.js", "clock.js", "plot.js", "gestures.js", "lane.js", "page.js")


class PageAssetsMissing(Exception):
    """uPlot is not in the package: it was neither built nor installed."""


class PageTooBig(Exception):
    """No level of detail keeps the page below `PAGE_BYTES_MAX`."""


def render(record: RunRecord) -> str:
    """Return the page of a record; the same record gives the same bytes.

    Raises PageAssetsMissing when the package was not built, PageTooBig when names and figures alone
    fill a page, and ValueError when a series has not one value a step.
    """
    _check_lengths(record)
    whole = lane(record)
    ranked = _ranked_applications(record)
    for detail in DETAILS:
        page = _page(record, ranked, whole, detail)
        if len(page.encode()) < PAGE_BYTES_MAX:
            return page
    raise PageTooBig(
        f"the page of {record.name} is over {PAGE_BYTES_MAX} bytes at its least detail"
    )


def _check_lengths(record: RunRecord) -> None:
    wrong = [k for k, s in record.series.items() if len(s.values) != len(record.times_ms)]
    if wrong:
        raise ValueError(f"{wrong[0]} and {len(wrong) - 1} others have not one value a step")


def _ranked_applications(record: RunRecord) -> list[str]:
    lead = leading_application(record)

    def rank(name: str) -> tuple[bool, float, str]:
        used = application_series(record, name, "used")
        return name != lead, -max(used.values, default=0.0) if used else 0.0, name

    return sorted(applications(record), key=rank)


def _page(record: RunRecord, ranked: list[str], whole: Lane, detail: Detail) -> str:
    shown = ranked[: detail.applications_max]
    # The chosen one first, the others as one looks for them: by name.
    names = [*shown[:1], *sorted(shown[1:])]
    marks = thinned(whole, detail.marks_max)
    script, style = page_script(), page_style()
    data = ""
    plots = '<section><p class="card">Not one step was computed: nothing to plot.</p></section>'
    if record.times_ms:
        block = payload(record, names, marks, detail)
        data = f'<script id="data" type="application/octet-stream">{block}</script>'
        data += f"<script>{script}</script>"
        plots = _plots(names, marks)
    policy = (
        f"default-src 'none'; script-src '{_hash(script)}'; style-src '{_hash(style)}'; "
        "img-src data:; base-uri 'none'; form-action 'none'"
    )
    title = text(f"{record.name} – Kingtide rehearsal")
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<meta name="color-scheme" content="light dark"><link rel="icon" href="data:,">'
        f"<title>{title}</title><style>{style}</style></head><body>{sections.header(record)}"
        f"<main>{sections.worst(record)}{plots}{sections.figures(record)}{sections.notes(record)}</main>"
        f"<footer>{sections.provenance(record)}<p>{text(_rule(record, ranked, marks, detail))}</p>"
        f"{_licence()}</footer>{data}</body></html>\n"
    )


def _plots(names: list[str], marks: Lane) -> str:
    template = _asset("page", "plots.html")
    options = "".join(f"<option>{text(name)}</option>" for name in names)
    chooser = (
        '<section aria-labelledby="application-title"><div class="section-head">'
        '<h2 id="application-title">One application</h2>'
        f'<label>Application <select id="application">{options}</select></label></div>'
        '<div id="application-plots" class="plots"></div></section>'
    )
    notice = f"{marks.outside} before or after the plotted time" if marks.outside else ""
    if marks.dropped:
        dropped = f"{marks.dropped} of the least important left out to keep the page small"
        notice = f"{notice}, {dropped}" if notice else dropped
    left_out = f"Not shown: {notice}; decisions.jsonl has every decision." if notice else ""
    return template.replace("<!--left-out-->", text(left_out)).replace(
        "<!--application-->", chooser if names else ""
    )


def _rule(record: RunRecord, ranked: list[str], marks: Lane, detail: Detail) -> str:
    whole, own = 2 * detail.cluster_levels_min, 2 * detail.application_levels_min
    precision = (
        "Counts are exact; other values are off by at most a share of their line's highest value, "
        f"1/{whole} in the cluster's plots and 1/{own} in an application's."
    )
    sentences = [precision]
    for whose, bucket in (
        ("the cluster", detail.cluster_bucket_steps),
        ("applications", detail.application_bucket_steps),
    ):
        if bucket > 1:
            seconds = bucket * record.step_seconds
            sentences.append(
                f"Of {whose}, every {seconds} s are shown as their lowest and their highest value."
            )
    hidden = len(ranked) - detail.applications_max
    if hidden > 0:
        sentences.append(f"{hidden} applications that used less CPU have no plot.")
    return " ".join(sentences)


@cache
def page_script() -> str:
    """Return the page's one script: uPlot, then our own in a scope of its own.

    Raises PageAssetsMissing.
    """
    own = "".join(_asset("page", name) for name in SCRIPTS)
    return f'{_asset("assets", "uPlot.iife.min.js")}\n(() => {{"use strict";\n{own}}})();'


@cache
def page_style() -> str:
    """Return the page's one style sheet: colours of both modes, uPlot's rules, our own.

    Raises PageAssetsMissing.
    """
    light, dark = css_variables("light"), css_variables("dark")
    strokes = "".join(f".ink-{ink}{{stroke:var(--ink-{ink})}}" for ink in INKS["light"])
    return (
        f":root{{color-scheme:light dark;{light}}}"
        f"@media (prefers-color-scheme:dark){{:root{{{dark}}}}}"
        f"@media print{{:root{{color-scheme:light;{light}}}}}"
        f":root.paper{{color-scheme:light;{light}}}"
        f"{_asset('assets', 'uPlot.min.css')}{_asset('page', 'page.css')}{strokes}"
    )


def _licence() -> str:
    notice = text_block(_asset("assets", "uPlot.LICENSE.txt"))
    return f"<details><summary>uPlot, which draws the plots</summary><pre>{notice}</pre></details>"


def text_block(value: str) -> str:
    """Return text of several lines as HTML text that keeps its lines."""
    return "\n".join(text(line) for line in value.splitlines())


def _asset(folder: str, name: str) -> str:
    try:
        return files("kingtide.report").joinpath(folder, name).read_text(encoding="utf-8")
    except FileNotFoundError as error:
        raise PageAssetsMissing(
            f"{folder}/{name} is not in the installed package; "
            "install it with `pip install .`, which fetches it"
        ) from error


def _hash(content: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()
