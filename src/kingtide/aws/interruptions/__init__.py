"""What AWS says before, and when, it takes an instance: events, and how they are read."""
