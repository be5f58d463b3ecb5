"""PodDisruptionBudgets: how many disruptions they allow, and which evictions they refuse."""
