"""The fault catalogue: what goes wrong, when it begins and ends, and how a seed draws it."""
