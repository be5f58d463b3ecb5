"""The scoreboard of a shadow: pure, so that the same observations give the same scores."""
