"""ladder.json: cluster-proportional-autoscaler's two modes, its parser and its ConfigMap."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from kingtide.control.proportional.cluster_size import ClusterSize
from kingtide.controllers.overprovisioning.configuration import (
    ConfigurationError,
    read_config_map,
    read_mode,
)
from kingtide.controllers.overprovisioning.replicas import replicas_for
from tests.vectors.cases import Case
from tests.vectors.claims import VectorFile
from tests.vectors.strictness import only_known

vectors = VectorFile("ladder")


@vectors.cases("ladder_cases")
def test_ladder_mode(case: Case) -> Mapping[str, Any]:
    return _replicas(case)


@vectors.cases("linear_cases")
def test_linear_mode(case: Case) -> Mapping[str, Any]:
    return _replicas(case)


@vectors.cases("parse_cases")
def test_parsing_the_parameters(case: Case) -> Mapping[str, Any]:
    only_known(case.input, "mode", "json_text")
    try:
        read_mode(case.input["mode"], case.input["json_text"])
    except ConfigurationError:
        return {"valid": False}
    return {"valid": True}


@vectors.cases("config_map_cases")
def test_the_keys_of_the_config_map(case: Case) -> Mapping[str, Any]:
    only_known(case.input, "config_map_keys")
    try:
        read_config_map(case.input["config_map_keys"])
    except ConfigurationError:
        return {"valid": False}
    return {"valid": True}


def _replicas(case: Case) -> Mapping[str, Any]:
    only_known(case.input, "mode", "params", "status")
    # Through the parser, as production does: the case's parameters are the ConfigMap's own format.
    configuration = read_mode(case.input["mode"], json.dumps(case.input["params"]))
    status = only_known(
        case.input["status"],
        "schedulable_nodes",
        "schedulable_cores",
        "total_nodes",
        "total_cores",
    )
    return {"replicas": replicas_for(configuration, ClusterSize(**status))}
