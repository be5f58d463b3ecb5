"""KT1: what a fleet's files say and do not say, and waivers."""
