"""The webhook server: reviews over HTTPS, with certificates that it makes and renews itself."""
