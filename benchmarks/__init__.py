"""Benchmarks: whole evenings timed, with where the time goes."""
