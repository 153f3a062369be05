"""What travels in bodies of several addresses, and what it is in the domain."""
