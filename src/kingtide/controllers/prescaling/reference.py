"""The page docs/reference/prescaling.md, made from what the settings say of themselves.

`python -m kingtide.controllers.prescaling.reference` prints it; a test tells when it is old.
"""

from __future__ import annotations

import sys

from kingtide.control.reference_page import Mark, reference_page
from kingtide.controllers.prescaling.events import BASELINE, PRESCALE
from kingtide.controllers.prescaling.marker import ORIGINAL, PROGRESS
from kingtide.controllers.prescaling.phrases import PHRASES
from kingtide.fleet.policies.prescaling import PrescalingPolicy
from kingtide.fleet.policies.settings_table import settings_table

MARKS: tuple[Mark, ...] = (
    Mark(
        f"annotation `{PRESCALE}`",
        "HorizontalPodAutoscaler",
        "Its events, separated by `;`: `20:45-21:30 Europe/Paris x10`.",
    ),
    Mark(
        f"annotation `{BASELINE}`",
        "HorizontalPodAutoscaler",
        "The replicas that `xN` multiplies, instead of those that there are.",
    ),
    Mark(
        f"annotation `{ORIGINAL}`",
        "HorizontalPodAutoscaler",
        (
            "Ours: what the floor was, empty where it was not written. downscaling leaves such an "
            "object alone."
        ),
    ),
    Mark(
        f"annotation `{PROGRESS}`",
        "HorizontalPodAutoscaler",
        "Ours: the baseline that the event multiplies, and the floor that was written last.",
    ),
)
"""Everything that is written or read on objects."""

HEAD = """\
# Prescaling

<!-- Made by `python -m kingtide.controllers.prescaling.reference`: change the settings' own texts
     in src/kingtide/fleet/policies, not this page. -->

Every setting of prescaling. In a scenario they stand under `policies.prescaling`; durations as
`10s`, `5m`. The guide is [Be there before the peak](../guides/prescaling.md).
"""


def page() -> str:
    """Return the page's text."""
    settings = settings_table(PrescalingPolicy, [PrescalingPolicy], "", {}, {})
    return reference_page(HEAD, settings, MARKS, PHRASES)


if __name__ == "__main__":
    sys.stdout.write(page())
