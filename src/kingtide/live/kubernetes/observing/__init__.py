"""The cluster as controllers see it: copies of its objects, handed over between passes."""
