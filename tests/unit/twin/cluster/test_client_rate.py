from kingtide.twin.cluster.client_rate import ClientRate


def test_a_burst_goes_at_once_then_one_call_an_interval() -> None:
    rate = ClientRate(50, 3)
    assert [rate.reserve(1_000) for _ in range(6)] == [1_000, 1_000, 1_000, 1_050, 1_100, 1_150]


def test_tokens_come_back_with_time_up_to_a_burst() -> None:
    rate = ClientRate(50, 3)
    for _ in range(3):
        rate.reserve(1_000)
    assert [rate.reserve(1_100) for _ in range(3)] == [1_100, 1_100, 1_150]
    assert [rate.reserve(60_000) for _ in range(4)] == [60_000, 60_000, 60_000, 60_050]
