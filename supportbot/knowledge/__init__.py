"""What the group knows: found, indexed, brought in."""
