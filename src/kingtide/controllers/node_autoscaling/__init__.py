"""Adds nodes that pods wait for and gives back nodes that nobody needs; the only owner of desired capacity."""
