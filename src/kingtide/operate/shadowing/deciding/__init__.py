"""Our controllers on a world that they do not touch: pure, fed by whoever watches it."""
