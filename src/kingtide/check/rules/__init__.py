"""The rules, a folder a business word."""
