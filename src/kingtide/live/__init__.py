"""The world as it is: a Kubernetes cluster and an AWS account, seen and acted on."""
