"""Do the tests notice when a decision changes? Mutates the decisions, one place at a time.

The libraries that do this (cosmic-ray, mutmut) start pytest, or import the package, anew for each
mutant: here that is seconds of imports and collection before the first test, times some thousand
mutants. So the tests are collected once, and each mutant is a fork in which one function has other
code (`trial`); only what is not in a function is imported anew (`afresh`).
"""
