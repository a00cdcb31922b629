"""What each gateway posts to whoever listens, in its own shape and signed as it signs."""
