"""The load on the simulated cluster: demand curves, and how pods and nodes bear them."""
