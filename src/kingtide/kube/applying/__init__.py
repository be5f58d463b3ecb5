"""Server-side apply: who owns which field of an object, and what may be changed by whom."""
