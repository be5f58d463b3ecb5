"""A running HAProxy: its Runtime API, its master process, and what is read back from it."""
