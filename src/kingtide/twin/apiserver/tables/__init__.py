"""Tables as the API server writes them for `kubectl get`: one file a group of kinds."""
