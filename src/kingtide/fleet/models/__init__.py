"""The kinds of documents that a fleet repository holds, one module a kind."""
