"""Certificates and the authorities that sign them, for servers of our own."""
