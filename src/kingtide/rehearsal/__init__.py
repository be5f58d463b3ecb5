"""From a scenario to a world, from the world to a run record, whose figures meet expectations."""
