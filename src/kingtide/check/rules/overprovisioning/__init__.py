"""KT3: the room that pause pods keep free."""
