"""Kingtide."""
