"""EC2 Auto Scaling, API version 2011-01-01."""
