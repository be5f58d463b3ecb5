"""KT2: groups of nodes."""
