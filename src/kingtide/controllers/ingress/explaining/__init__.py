"""What a request meets, and why: for people, by the very rules that HAProxy is given."""
