"""What kops validates when it is too late to be pleasant, and what it does not validate."""
