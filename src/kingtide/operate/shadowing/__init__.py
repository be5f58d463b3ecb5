"""What our controllers would have done on a cluster that another autoscaler runs."""
