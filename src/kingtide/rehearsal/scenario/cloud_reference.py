"""The page docs/reference/scenario-cloud.md, made from what the fields of `cloud:` say.

`python -m kingtide.rehearsal.scenario.cloud_reference` prints it; a test tells when it is old.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator

from pydantic.fields import FieldInfo

from kingtide.fleet.documents.field_texts import field_text
from kingtide.fleet.documents.written import Written
from kingtide.rehearsal.scenario.cloud_model import (
    Account,
    Cloud,
    CrossZoneTraffic,
    Depth,
    Launch,
    PoolOutage,
    Reclaim,
    Recommendation,
    SpotPrices,
    TerminationHook,
    ZoneOutage,
)
from kingtide.rehearsal.scenario.price_model import Price

SECTIONS: tuple[tuple[str, type[Written]], ...] = (
    ("cloud", Cloud),
    ("cloud.outages[]", PoolOutage),
    ("cloud.prices.TYPE", Price),
    ("cloud.depths[]", Depth),
    ("cloud.spotPrices[]", SpotPrices),
    ("cloud.accounts.NAME", Account),
    ("cloud.accounts.NAME.launches[]", Launch),
    ("cloud.reclaims[]", Reclaim),
    ("cloud.rebalanceRecommendations[]", Recommendation),
    ("cloud.zoneOutages[]", ZoneOutage),
    ("cloud.terminationHook", TerminationHook),
    ("cloud.crossZoneTraffic", CrossZoneTraffic),
)

_HEAD = """\
# What a scenario says of the cloud

Fields of `spec.cloud` of a rehearsal, all of them optional: a cloud of which nothing is said gives
every instance that is asked for and takes none back. Times are local to the scenario's zone,
durations are written as `90s` or `5m`, shares as `0.4` or `40%`. How it works stands in
[the twin](../concepts/twin.md#the-cloud); how long things take are latencies of the scenario
(`latencies:`, names that begin with `cloud.` and `queue.`).

This page is made by `python -m kingtide.rehearsal.scenario.cloud_reference`."""

_EXAMPLE = """\
## An example

```yaml
cloud:
  depths:
    # 40 instances of each c5 type in zone a in the morning, 12 at 20:30, give or take a tenth.
    - types: [c5.*]
      zones: [a]
      instances: 40
      noise: 10%
      course: [["06:00", 100%], ["20:30", 30%]]
  accounts:
    video:
      launches:
        - {type: c5.4xlarge, zone: a, instances: 30, at: "20:50", until: "22:00"}
  reclaims:
    - {at: "20:52", share: 30%, notice: 60s}
  terminationHook: {heartbeatTimeout: 5m}
```"""


def page() -> str:
    """Return the page's text."""
    parts = [_HEAD, *(_section(title, model) for title, model in SECTIONS), _EXAMPLE]
    return "\n\n".join(parts) + "\n"


def _section(title: str, model: type[Written]) -> str:
    about = " ".join((model.__doc__ or "").split())
    rows = "\n".join(_rows(model))
    return f"## `{title}`\n\n{about}\n\n| field | default | what it is |\n|---|---|---|\n{rows}"


def _rows(model: type[Written]) -> Iterator[str]:
    for name, field in model.model_fields.items():
        text = field_text(model, name).replace("|", "\\|")
        yield f"| `{field.alias or name}` | {_default(field)} | {text} |"


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "required"
    value = field.default
    if value is None or value in ((), {}):
        return "none"
    if isinstance(value, bool):
        return str(value).lower()
    unit = _UNITS.get(field.alias or "")
    return f"`{value}`" if unit is None else f"`{value / unit[0]:g}{unit[1]}`"


_UNITS = {
    "every": (60_000, "m"),
    "notice": (1_000, "s"),
    "heartbeatTimeout": (1, "s"),
    "noise": (1_000_000, ""),
    "duplicateMessages": (1_000_000, ""),
    "usdPerGigabyte": (1_000_000, ""),
}
"""By what a field's default is divided to be written, and its unit."""

if __name__ == "__main__":
    sys.stdout.write(page())
