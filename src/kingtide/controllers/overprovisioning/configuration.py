"""Reads cluster-proportional-autoscaler's own ConfigMap.

One key, `ladder` or `linear`, holding JSON.

JSON is read as Go's decoder does: names in any case, unknown names ignored, null as absent, whole
numbers only where the field is an integer, and a pair with missing numbers filled with 0 while
further ones are dropped. Source:
https://github.com/kubernetes-sigs/cluster-proportional-autoscaler/tree/5a5dd5a1/pkg/autoscaler/controller
"""

from __future__ import annotations

import math
from collections.abc import Mapping

import msgspec

from kingtide.control.proportional.linear import Linear
from kingtide.controllers.overprovisioning.ladder import Ladder, Rung

Configuration = Ladder | Linear
_Json = object


class ConfigurationError(ValueError):
    """A ConfigMap that says nothing usable; the message says what to write."""


def read_config_map(data: Mapping[str, str]) -> Configuration:
    """Return what a ConfigMap asks for.

    Raises:
        ConfigurationError: not exactly one key, a key that is neither `ladder` nor `linear`, or
            bad JSON in it.
    """
    if len(data) != 1:
        raise ConfigurationError(
            f"the ConfigMap has {len(data)} keys; write exactly one, ladder or linear"
        )
    ((mode, text),) = data.items()
    return read_mode(mode, text)


def read_mode(mode: str, text: str) -> Configuration:
    """Return the configuration in the JSON of one mode.

    Raises:
        ConfigurationError: the mode is unknown or the JSON says nothing usable.
    """
    if mode == "ladder":
        return _ladder(_fields(text))
    if mode == "linear":
        return _linear(_fields(text))
    raise ConfigurationError(f"{mode!r} is no mode; write ladder or linear")


class _Literal(str):
    """A number with a fraction or exponent, as written.

    Go refuses it where an integer is expected.
    """

    __slots__ = ()


_DECODER = msgspec.json.Decoder(float_hook=_Literal)


def _fields(text: str) -> Mapping[str, _Json]:
    try:
        document = _DECODER.decode(text)
    except msgspec.DecodeError as error:
        raise ConfigurationError(f"not JSON: {error}") from error
    if document is None:
        return {}
    if not isinstance(document, dict):
        raise ConfigurationError(
            'not a JSON object; write for example {"coresToReplicas": [[1, 1]]}'
        )
    return {str(name).lower(): value for name, value in document.items() if value is not None}


def _ladder(fields: Mapping[str, _Json]) -> Ladder:
    return Ladder(
        cores=_rungs(fields, "coresToReplicas"),
        nodes=_rungs(fields, "nodesToReplicas"),
        include_unschedulable_nodes=_boolean(fields, "includeUnschedulableNodes"),
    )


def _rungs(fields: Mapping[str, _Json], name: str) -> tuple[Rung, ...]:
    listed = fields.get(name.lower(), [])
    if not isinstance(listed, list):
        raise ConfigurationError(
            f"{name} is no list; write pairs, for example [[16, 4], [100, 10]]"
        )
    rungs = []
    for entry in listed:
        if entry is not None and not isinstance(entry, list):
            raise ConfigurationError(f"{name} holds {entry!r}; write a pair of whole numbers")
        numbers = [_whole(number, name) for number in (entry or [])[:2]]
        threshold, replicas = [*numbers, 0, 0][:2]
        if threshold < 0 or replicas < 0:
            raise ConfigurationError(
                f"{name} holds [{threshold}, {replicas}]; write no negative number"
            )
        rungs.append(Rung(threshold, replicas))
    return tuple(sorted(rungs, key=lambda rung: rung.threshold))


def _linear(fields: Mapping[str, _Json]) -> Linear:
    least = _whole(fields.get("min", 0), "min")
    if least < 0:
        raise ConfigurationError(f"min is {least}; write no negative number")
    linear = Linear(
        cores_per_replica=_double(fields, "coresPerReplica"),
        nodes_per_replica=_double(fields, "nodesPerReplica"),
        min_replicas=least or 1,
        max_replicas=_whole(fields.get("max", 0), "max"),
        prevents_single_point_of_failure=_boolean(fields, "preventSinglePointFailure"),
        include_unschedulable_nodes=_boolean(fields, "includeUnschedulableNodes"),
    )
    if linear.max_replicas != 0 and linear.max_replicas < linear.min_replicas:
        raise ConfigurationError(
            f"max is {linear.max_replicas}, below min {linear.min_replicas}; write max >= min"
        )
    if linear.cores_per_replica == 0 and linear.nodes_per_replica == 0:
        raise ConfigurationError("write coresPerReplica, nodesPerReplica or both, above 0")
    return linear


def _whole(value: _Json, name: str) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise ConfigurationError(f"{name} holds {value!r}; write a whole number")
    return value


def _double(fields: Mapping[str, _Json], name: str) -> float:
    value = fields.get(name.lower(), 0)
    if isinstance(value, bool) or not isinstance(value, int | _Literal):
        raise ConfigurationError(f"{name} is {value!r}; write a number")
    number = float(value)
    if math.isinf(number):
        raise ConfigurationError(f"{name} is {value}; write a smaller number")
    if number < 0:
        raise ConfigurationError(f"{name} is {value}; write no negative number")
    return number


def _boolean(fields: Mapping[str, _Json], name: str) -> bool:
    value = fields.get(name.lower(), False)
    if not isinstance(value, bool):
        raise ConfigurationError(f"{name} is {value!r}; write true or false")
    return value
