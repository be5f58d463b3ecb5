"""Makes workloads smaller when nobody needs them, and as they were when somebody does."""
