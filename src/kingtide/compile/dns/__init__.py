"""The cache of names on every node: whom it asks, written as dnsmasq reads it."""
