"""Coded checks of a fleet, by the rules that its controllers themselves follow."""
