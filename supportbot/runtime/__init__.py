"""What runs it all."""
