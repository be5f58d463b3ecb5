from __future__ import annotations

import pytest

from kingtide.kube.name_lookups import names_tried, search_list

SEARCH = search_list("shop", "cluster.local")


@pytest.mark.parametrize(
    ("name", "ndots", "first", "count"),
    [
        pytest.param(
            "api.example.com", 5, "api.example.com.shop.svc.cluster.local", 4, id="outside"
        ),
        pytest.param("api.example.com", 1, "api.example.com", 4, id="as it stands first"),
        pytest.param("api.example.com.", 5, "api.example.com", 1, id="absolute"),
        pytest.param("stock", 1, "stock.shop.svc.cluster.local", 4, id="a service"),
        pytest.param("stock.shop", 1, "stock.shop", 4, id="a dot and ndots 1"),
        pytest.param("stock.shop", 2, "stock.shop.shop.svc.cluster.local", 4, id="fewer dots"),
        pytest.param("a.b.c.d.e.f", 5, "a.b.c.d.e.f", 4, id="as many dots"),
    ],
)
def test_the_search_list_comes_before_or_after_the_name(
    name: str, ndots: int, first: str, count: int
) -> None:
    tried = names_tried(name, ndots, SEARCH)
    assert (tried[0], len(tried)) == (first, count)


def test_the_name_itself_comes_last_where_it_is_searched_for() -> None:
    assert names_tried("api.example.com", 5, SEARCH) == (
        "api.example.com.shop.svc.cluster.local",
        "api.example.com.svc.cluster.local",
        "api.example.com.cluster.local",
        "api.example.com",
    )
