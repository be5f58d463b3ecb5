"""AWS' own words as frozen values: instance types, Auto Scaling groups, activities, capacity pools, prices."""
