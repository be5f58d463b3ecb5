"""What a user writes: the fleet, its clusters, and the policies of its controllers."""
