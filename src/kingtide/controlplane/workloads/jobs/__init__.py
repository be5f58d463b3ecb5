"""What a Job creates and deletes, when it waits, and when it has ended."""
