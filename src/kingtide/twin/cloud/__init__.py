"""The simulated cloud: Auto Scaling groups, capacity pools, launches, failures, prices."""
