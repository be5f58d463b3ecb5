"""Inter-pod affinity in both directions: where pods may go, and where they rather go."""

from __future__ import annotations

import pytest

from kingtide.controlplane.scheduling import profile
from kingtide.controlplane.scheduling.cache import SchedulerCache
from kingtide.kube.labels import LabelSelector
from kingtide.kube.nodes import HOSTNAME_LABEL, ZONE_LABEL
from kingtide.kube.pods import Pod, PodAffinityTerm, WeightedPodAffinityTerm
from tests.unit.controlplane.scheduling.situations import cache_of, node, pod, requesting


def term(app: str, key: str = ZONE_LABEL) -> PodAffinityTerm:
    return PodAffinityTerm(key, LabelSelector((("app", app),)))


def with_rules(name: str, app: str, **rules: object) -> Pod:
    return pod(name, requesting(100, 64, **rules), app=app)


def cluster(*placed: tuple[str, Pod]) -> SchedulerCache:
    cache = cache_of(node("a1", zone="a"), node("a2", zone="a"), node("b1", zone="b"), node("lost"))
    for node_name, one in placed:
        cache.place(one, node_name)
    return cache


def allowed(cache: SchedulerCache, wanted: Pod) -> list[str]:
    rows = cache.placement.feasible_rows(cache.shapes.intern(wanted)).tolist()
    return [cache.table.name_at(row) for row in rows]


WEB = pod("w", app="web")
LONER = with_rules("l", "loner", required_pod_anti_affinity=(term("web"),))


@pytest.mark.parametrize(
    ("placed", "rules", "nodes", "reason"),
    [
        pytest.param(
            [("a1", WEB)],
            {"required_pod_affinity": (term("web"),)},
            ["a1", "a2"],
            "node(s) didn't match pod affinity rules",
            id="near in the zone",
        ),
        pytest.param(
            [("a1", WEB)],
            {"required_pod_affinity": (term("web", HOSTNAME_LABEL),)},
            ["a1"],
            "node(s) didn't match pod affinity rules",
            id="near on the host",
        ),
        pytest.param(
            [],
            {"required_pod_affinity": (term("web"),)},
            [],
            "node(s) didn't match pod affinity rules",
            id="nobody to be near to",
        ),
        pytest.param(
            [],
            {"required_pod_affinity": (term("new"),)},
            ["a1", "a2", "b1"],
            "node(s) didn't match pod affinity rules",
            id="the first of its own company, where the label exists",
        ),
        pytest.param(
            [("a1", WEB), ("b1", pod("x", app="api"))],
            {"required_pod_affinity": (term("web"), term("api"))},
            [],
            "node(s) didn't match pod affinity rules",
            id="one pod must satisfy all terms",
        ),
        pytest.param(
            [("a1", WEB)],
            {"required_pod_anti_affinity": (term("web"),)},
            ["b1", "lost"],
            "node(s) didn't match pod anti-affinity rules",
            id="away from the zone",
        ),
        pytest.param(
            [("a1", LONER)],
            {},
            ["a1", "a2", "b1", "lost"],
            "",
            id="others keep away from somebody else",
        ),
    ],
)
def test_a_pod_may_go_where_its_rules_about_others_hold(
    placed: list[tuple[str, Pod]], rules: dict[str, object], nodes: list[str], reason: str
) -> None:
    cache = cluster(*placed)
    wanted = with_rules("new", "new", **rules)
    assert allowed(cache, wanted) == nodes
    refused = 4 - len(nodes)
    assert cache.diagnose(wanted).reasons == ({reason: refused} if refused else {})


def test_placed_pods_keep_others_away() -> None:
    cache = cluster(("b1", LONER))
    assert allowed(cache, WEB) == ["a1", "a2", "lost"]
    assert cache.diagnose(WEB).reasons == {
        "node(s) didn't satisfy existing pods anti-affinity rules": 1
    }
    cache.displace("l")
    assert allowed(cache, WEB) == ["a1", "a2", "b1", "lost"]


def test_a_terminating_pod_is_company_until_it_is_gone() -> None:
    cache = cluster(("a1", WEB))
    cache.mark_terminating("w")
    assert allowed(cache, with_rules("n", "n", required_pod_affinity=(term("web"),))) == [
        "a1",
        "a2",
    ]


def points(cache: SchedulerCache, wanted: Pod) -> dict[str, int]:
    shape = cache.shapes.intern(wanted)
    rows = profile.feasible_rows(cache.table, shape)
    found = profile.plugin_scores(cache.table, shape, rows)
    return {cache.table.name_at(row): s.get("InterPodAffinity", -1) for row, s in found.items()}


def likes(app: str, weight: int) -> WeightedPodAffinityTerm:
    return WeightedPodAffinityTerm(weight, term(app))


@pytest.mark.parametrize(
    ("placed", "rules", "scores"),
    [
        pytest.param([], {}, (-1, -1, -1), id="nobody prefers anything"),
        pytest.param(
            [("a1", WEB)], {"preferred_pod_affinity": (likes("web", 7),)}, (200, 0, 0), id="likes"
        ),
        pytest.param(
            [("a1", WEB)],
            {"preferred_pod_anti_affinity": (likes("web", 7),)},
            (0, 200, 200),
            id="dislikes",
        ),
        pytest.param(
            [("a1", WEB), ("b1", pod("x", app="api"))],
            {"preferred_pod_affinity": (likes("web", 10), likes("api", 5))},
            (200, 100, 0),
            id="weighs",
        ),
        pytest.param(
            [("a1", with_rules("f", "fan", preferred_pod_affinity=(likes("new", 3),)))],
            {},
            (200, 0, 0),
            id="is liked",
        ),
        pytest.param(
            [("a1", with_rules("g", "grump", preferred_pod_anti_affinity=(likes("new", 3),)))],
            {},
            (0, 200, 200),
            id="is disliked",
        ),
        pytest.param(
            [
                ("a1", pod("n", app="new")),
                ("a2", with_rules("d", "d", required_pod_affinity=(term("new"),))),
            ],
            {},
            (200, 0, 0),
            id="is needed",
        ),
    ],
)
def test_preferences_score_zones(
    placed: list[tuple[str, Pod]], rules: dict[str, object], scores: tuple[int, int, int]
) -> None:
    found = points(cluster(*placed), with_rules("new", "new", **rules))
    assert (found["a1"], found["b1"], found["lost"]) == scores
    assert found["a1"] == found["a2"]
