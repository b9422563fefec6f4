"""What was learned, from whom, and how much it is to be believed."""
