"""The agent that HAProxy asks about requests, and that asks the services which Ingresses name."""
