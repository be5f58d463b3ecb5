"""kube-scheduler's decisions as pure functions: which node a pod gets, whom it displaces, when it is tried again."""
