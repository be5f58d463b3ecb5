"""Custom kinds: what their definitions say of their objects, and how that is held against them."""
