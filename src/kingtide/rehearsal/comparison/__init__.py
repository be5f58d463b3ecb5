"""`kind: Comparison`: what was published or measured elsewhere, held against what is rehearsed."""
