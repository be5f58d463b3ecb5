"""AWS' own words as frozen values.

Instance types, Auto Scaling groups, activities, capacity pools, prices.
"""
