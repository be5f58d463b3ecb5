"""The way in from kops: its templates rendered as it renders them, its manifests as a fleet.

Opens no files; the command line reads and writes them.
"""
