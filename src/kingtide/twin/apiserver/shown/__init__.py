"""What the API shows of objects beyond their values: the word of kubelets and controllers."""
