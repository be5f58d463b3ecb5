"""spot_interruption: empties nodes that the cloud takes back, in the two minutes that are left."""
