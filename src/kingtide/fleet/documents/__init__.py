"""Documents as a user writes them.

Values that know their file, line and column, and the mistakes found in them.
"""
