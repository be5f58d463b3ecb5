"""Whether a request may pass, asked of a service that its Ingress names: all but the asking."""
