"""What adapters have in common. Nothing here knows a platform."""
