"""kube-scheduler's decisions as pure functions: a pod's node, its victims, its next attempt."""
