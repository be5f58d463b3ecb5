"""`kind: Rehearsal`: what a user writes, read into values or into every mistake it holds."""
