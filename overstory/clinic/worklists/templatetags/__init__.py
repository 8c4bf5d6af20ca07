"""What the templates of the day call."""
