"""Objects as the Kubernetes API writes them, to and from this room's values.

Fields that no value has are not read; whoever has to give back what was written keeps it elsewhere.
"""
