"""The desired proxy as HAProxy's files: the configuration, and maps beside it."""
