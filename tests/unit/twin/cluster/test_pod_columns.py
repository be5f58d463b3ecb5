from kingtide.twin.cluster.pod_columns import PodColumns
from kingtide.twin.load.serving import NO_LIMIT
from tests.unit.twin.cluster.parts import Parts


def test_a_new_pod_inherits_nothing_from_the_one_that_had_its_row() -> None:
    parts, columns = Parts(), PodColumns()
    row = columns.add(parts.add_pod("a"), 3, 0, 50)
    for name in ("usage", "consumed", "scraped", "published"):
        getattr(columns, name)[row] = 77
    columns.serving[row] = columns.has_served[row] = True
    assert columns.drop("a") == row
    assert columns.add(parts.add_pod("b"), 4, 1, 60) == row
    assert (columns.usage[row], columns.consumed[row]) == (0, 0)
    assert (columns.scraped[row], columns.published[row]) == (-1, -1)
    assert not columns.serving[row]
    assert not columns.has_served[row]
    assert (columns.node[row], columns.application[row], columns.own_use[row]) == (4, 1, 60)
    assert (columns.request[row], columns.limit[row]) == (1_000, NO_LIMIT)


def test_a_dropped_row_uses_and_serves_nothing() -> None:
    parts, columns = Parts(), PodColumns()
    row = columns.add(parts.add_pod("a"), 3, 0, 50)
    columns.usage[row] = 10
    columns.serving[row] = True
    columns.drop("a")
    assert not columns.present[row]
    assert not columns.serving[row]
    assert (columns.usage[row], columns.own_use[row], columns.node[row]) == (0, 0, -1)


def test_a_pod_without_a_row_is_dropped_in_peace() -> None:
    assert PodColumns().drop("never there") is None


def test_columns_grow_and_keep_what_they_hold() -> None:
    parts, columns = Parts(), PodColumns()
    first = columns.size
    for number in range(3 * first):
        row = columns.add(parts.add_pod(str(number)), number % 7, 0, number)
        columns.consumed[row] = number
    assert 3 * first <= columns.size < 4 * first
    assert all(columns.consumed[columns.row_of[str(n)]] == n for n in range(3 * first))
    assert int(columns.present.sum()) == 3 * first


def test_rows_do_not_grow_while_pods_come_and_go() -> None:
    parts, columns = Parts(), PodColumns()
    first = columns.size
    for number in range(5 * first):
        columns.add(parts.add_pod(str(number)), 0, 0, 0)
        columns.drop(str(number))
    assert columns.size == first
    assert columns.row_of == {}
