"""What happens for each kind of event."""
