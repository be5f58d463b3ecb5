"""What runs on the nodes: DaemonSets, and the pods of Kubernetes manifests."""
