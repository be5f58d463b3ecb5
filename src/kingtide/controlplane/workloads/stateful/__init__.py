"""In which order the pods of a StatefulSet come, go and are replaced."""
