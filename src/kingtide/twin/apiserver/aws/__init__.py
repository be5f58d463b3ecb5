"""The twin's cloud behind AWS' APIs: what a fleet's controllers call, over HTTP on loopback."""
