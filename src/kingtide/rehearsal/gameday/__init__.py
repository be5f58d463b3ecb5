"""Game days: many seeds of one rehearsal, each with faults, each under every invariant."""
