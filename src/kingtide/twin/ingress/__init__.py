"""The ingress as rates: which share of an application's requests meets whom, and its outcome."""
