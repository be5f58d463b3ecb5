"""A preview of a timetable: what will be up and down, and what that saves."""
