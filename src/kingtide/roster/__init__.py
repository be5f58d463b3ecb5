"""Who runs on a cluster: every controller with its settings, for the twin and for life alike."""
