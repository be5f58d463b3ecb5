"""What the models say, for others to read: JSON Schema for editors, and the reference page."""
