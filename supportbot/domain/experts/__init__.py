"""Who may know, and how they are asked."""
