"""How objects are changed in part: the patches that the Kubernetes API takes, as pure functions."""
