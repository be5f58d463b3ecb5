"""Controllers on a real cluster: passes, leadership, refusals, metrics, health."""
