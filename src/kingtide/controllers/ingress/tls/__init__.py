"""Certificates: which Secrets can be used, and which of them answers for which host."""
