"""Which rule a request meets: hosts first, then paths, as HAProxy's maps answer."""
