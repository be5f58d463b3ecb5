"""The page docs/reference/downscaling.md, made from what the settings say of themselves.

`python -m kingtide.controllers.downscaling.reference` prints it; a test tells when it is old.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping

import msgspec

from kingtide.controllers.downscaling import names, report
from kingtide.fleet.documents.field_texts import descriptions
from kingtide.fleet.policies.downscaling import DownscalingPolicy
from kingtide.fleet.policies.written import written_model, written_name

ANNOTATIONS: Mapping[str, tuple[str, str]] = {
    names.UPTIME: ("both", "When it is up; a time specification."),
    names.DOWNTIME: ("both", "When it is down all the same."),
    names.UPSCALE_PERIOD: (
        "both",
        (
            "When it is brought up. Once one of both periods is set, uptime and downtime count for"
            " nothing, and outside both it stays as it is."
        ),
    ),
    names.DOWNSCALE_PERIOD: ("both", "When it is brought down."),
    names.DOWNTIME_REPLICAS: ("both", "Replicas that stay while it is down."),
    names.GRACE_PERIOD: (
        "workload",
        "Seconds in which it is too young to go down; counts where it is less than the policy's.",
    ),
    names.EXCLUDE: (
        "both",
        (
            "Any value but `false`: left alone; what is down comes up once more. What a namespace"
            " excludes a workload cannot include again."
        ),
    ),
    names.EXCLUDE_UNTIL: ("both", "The same until a time."),
    names.FORCE_UPTIME: (
        "namespace, pod",
        (
            "`true` or a time specification: everything in the namespace is up; `false`: no pod"
            " forces it either. On a pod that has not ended `true` keeps the whole cluster up."
        ),
    ),
    names.FORCE_DOWNTIME: (
        "namespace",
        "`true` or a time specification: everything in it is down, unless uptime is forced too.",
    ),
    names.WAKE_UNTIL: (
        "both",
        "Up on demand until a time, whatever the timetable says; it expires by itself.",
    ),
    names.PRESCALED: (
        "workload, HPA",
        "Written by prescaling: left alone while its floor is raised for an event.",
    ),
    names.ORIGINAL_REPLICAS: (
        "workload",
        "The marker: written when it goes down, removed when it is up again.",
    ),
    names.ORIGINAL_PAUSE_REPLICAS: (
        "workload",
        "A ScaledObject's own pause before its downtime; kept and put back as the marker is.",
    ),
}
"""Where each annotation counts, and what it says."""


def page() -> str:
    """Return the whole page."""
    lines = [
        "# Downscaling",
        "",
        "<!-- Made by `python -m kingtide.controllers.downscaling.reference`: change the own texts",
        "     of the settings in src/kingtide/fleet/policies, not this page. -->",
        "",
        (
            "Settings are written under `policies.downscaling` in a scenario; a cluster's"
            " `downscale:` sets the uptime, its"
        ),
        (
            "zone, the grace period and the exclusions. The guide is"
            " [downscaling](../guides/downscaling.md)."
        ),
        "",
        "## Settings",
        "",
        "| setting | default | what it does |",
        "|---|---|---|",
        *_settings(),
        "",
        "## Annotations",
        "",
        (
            "On a workload (any kind), on its namespace, or on both, where the workload's own word"
            " counts. Times are"
        ),
        (
            "`2026-12-24T18:00:00Z`, `2026-12-24 18:00` or `2026-12-24`, in UTC, or with an offset"
            " (`...+01:00`)."
        ),
        "",
        "| annotation | on | what it says |",
        "|---|---|---|",
        *(f"| `{key}` | {where} | {text} |" for key, (where, text) in ANNOTATIONS.items()),
        "",
        "## What it reports",
        "",
        "| code | sentence |",
        "|---|---|",
        *(f"| `{code}` | {text} |" for code, text in report.PHRASES.sentences.items()),
        "",
    ]
    return "\n".join(lines)


def _settings() -> Iterator[str]:
    texts = descriptions(DownscalingPolicy)
    model = written_model(DownscalingPolicy)
    for field in msgspec.structs.fields(DownscalingPolicy):
        described = model.model_fields[field.name].description or ""
        _, _, default = described.rpartition(" Default: ")
        shown = default.removesuffix(".") if " Default: " in described else "none"
        yield f"| `{written_name(field.name)}` | {_cell(shown)} | {_cell(texts[field.name])} |"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


if __name__ == "__main__":
    sys.stdout.write(page())
