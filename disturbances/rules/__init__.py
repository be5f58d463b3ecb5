"""What an audit is judged by: one file a rule, in the words of the invariants of the twin."""
