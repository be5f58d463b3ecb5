"""From the proxy as it runs to the proxy as it should be, in steps."""
