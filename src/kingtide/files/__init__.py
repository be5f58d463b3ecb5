"""Reads what users write and writes what Kingtide makes, atomically.

The only room that opens files.
"""
