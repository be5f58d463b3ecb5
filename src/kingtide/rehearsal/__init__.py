"""A scenario becomes a world, the world a run record, and the record's figures meet their expectations."""
