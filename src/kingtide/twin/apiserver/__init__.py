"""The twin's cluster behind the Kubernetes API, in real time: an edge that nothing else needs."""
