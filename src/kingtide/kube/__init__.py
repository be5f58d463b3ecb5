"""Kubernetes' own words as frozen values: what an object is, never what is done with it."""
