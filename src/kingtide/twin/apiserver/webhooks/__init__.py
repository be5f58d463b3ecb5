"""Admission webhooks that clients register: asked about what is created and updated."""
