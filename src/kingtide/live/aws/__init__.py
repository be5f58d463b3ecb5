"""AWS as a fleet's controllers see and change it: groups, activities, the queue, types, prices."""
