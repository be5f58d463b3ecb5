"""What would change in the clusters, and what that means; pure."""
