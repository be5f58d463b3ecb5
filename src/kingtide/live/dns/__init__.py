"""Asks name servers: messages, one question at a time, and a measurement of a cache."""
