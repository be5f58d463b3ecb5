"""How a Deployment moves from one ReplicaSet to the next, and scales while it does."""
