"""What runs Kingtide in a cluster: pods, and rights that are what the code does and no more."""
