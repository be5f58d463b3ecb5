"""Adds nodes that pods wait for and gives back nodes that nobody needs.

The only owner of desired capacity.
"""
