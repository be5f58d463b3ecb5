"""Brings on-demand nodes back to spot, and takes ill nodes out of the fleet."""
