"""Whether decisions survive: real processes, killed, stopped, cut off at random, and audited."""
