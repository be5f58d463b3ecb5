"""What changes objects through the API: create, update, patch, apply and delete."""
