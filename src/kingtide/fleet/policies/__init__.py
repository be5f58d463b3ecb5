"""Each controller's settings, once: unit, default, and why that default."""
