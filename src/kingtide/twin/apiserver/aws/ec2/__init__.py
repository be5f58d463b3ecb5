"""What EC2 tells of instances, types and prices, API version 2016-11-15."""
