"""What is done to a cluster's objects: one function a class of action."""
