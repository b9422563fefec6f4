"""What must not be kept: credentials and personal data."""
