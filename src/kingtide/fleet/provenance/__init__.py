"""Where a value of a cluster comes from: which file and line said it, and what that overrode."""
