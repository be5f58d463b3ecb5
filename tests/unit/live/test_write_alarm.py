from __future__ import annotations

import pytest

from kingtide.live.write_alarm import MARGIN_SECONDS, WriteAlarm


class Timer:
    def __init__(self, left: float = 10.0) -> None:
        self.left = left
        self.set: list[float] = []
        self.alarm = WriteAlarm(lambda: self.left, self.set.append)


def test_the_alarm_stands_while_a_write_is_under_way() -> None:
    timer = Timer(10)
    with timer.alarm.writing():
        assert timer.set == [10 - MARGIN_SECONDS]
    assert timer.set[1:] == [0]


def test_the_alarm_is_taken_back_by_the_last_of_several_writes() -> None:
    timer = Timer()
    with timer.alarm.writing():
        with timer.alarm.writing():
            pass
        assert 0 not in timer.set
    assert timer.set[-1] == 0


def test_a_renewal_puts_the_alarm_of_a_write_off() -> None:
    timer = Timer(3)
    with timer.alarm.writing():
        timer.left = 15
        timer.alarm.renewed()
        assert timer.set == [3 - MARGIN_SECONDS, 15 - MARGIN_SECONDS]


def test_a_renewal_without_a_write_sets_no_alarm() -> None:
    timer = Timer()
    timer.alarm.renewed()
    assert timer.set == []


def test_without_a_lease_no_alarm_is_set() -> None:
    timer = Timer(float("-inf"))
    with timer.alarm.writing():
        assert timer.set == []


def test_a_write_that_fails_takes_its_alarm_back() -> None:
    timer = Timer()
    with pytest.raises(ZeroDivisionError), timer.alarm.writing():
        _ = 1 // 0
    assert timer.set[-1] == 0
