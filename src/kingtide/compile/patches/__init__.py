"""The escape hatch: a fleet's own changes to generated documents, done in order."""
