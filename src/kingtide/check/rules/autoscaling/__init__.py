"""KT3: which groups an autoscaler asks, and when pods are added."""
