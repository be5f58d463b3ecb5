"""From a scenario to the definition of the world that is run."""
