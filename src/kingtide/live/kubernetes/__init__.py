"""A cluster's API: connection, watches, and what is done to its objects."""
