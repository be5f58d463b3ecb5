"""The embedded world: a cluster and a cloud in virtual time, deterministic to the bit."""
