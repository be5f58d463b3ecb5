"""Turns a fleet into what is put on its clusters: kops documents, Kubernetes objects, values.

Pure: a fleet in, documents out. `compilation.compile_cluster` is the way in.
"""
