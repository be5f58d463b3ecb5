from kingtide.kube.resources import NO_RESOURCES, Resources, total

GPU = (("nvidia.com/gpu", 2),)


def test_amounts_add_up_resource_by_resource() -> None:
    first = Resources(100, 10, 5, 1, GPU)
    second = Resources(1, 2, 3, 4, (("a.example/x", 7), ("nvidia.com/gpu", 1)))
    assert first + second == Resources(101, 12, 8, 5, (("a.example/x", 7), ("nvidia.com/gpu", 3)))


def test_what_is_taken_away_can_leave_less_than_nothing() -> None:
    assert Resources(1, 1) - Resources(2, 0, 0, 0, GPU) == Resources(
        -1, 1, 0, 0, (("nvidia.com/gpu", -2),)
    )


def test_at_least_takes_the_larger_of_each() -> None:
    assert Resources(100, 1).at_least(Resources(50, 2, 3)) == Resources(100, 2, 3)


def test_the_total_of_nothing_is_nothing() -> None:
    assert total([]) == NO_RESOURCES
    assert total([Resources(1), Resources(2), Resources(0, 5)]) == Resources(3, 5)
