"""Parts and deeds of objects that have a path of their own: scale, eviction, binding, reviews."""
