from kingtide.twin.cluster.machines import Machines


def test_a_machine_is_up_until_it_stops_and_is_forgotten_with_its_node() -> None:
    machines = Machines()
    assert machines.is_up("n1")
    machines.stop("n1")
    machines.stop("n2")
    assert not machines.is_up("n1")
    assert list(machines.down) == ["n1", "n2"]
    machines.forget("n1")
    machines.forget("never seen")
    assert list(machines.down) == ["n2"]
