"""Replicas in proportion to cores and nodes, as cluster-proportional-autoscaler counts them."""
