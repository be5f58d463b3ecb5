"""Tools of the fleet: where their charts come from, and who else would run the same."""
