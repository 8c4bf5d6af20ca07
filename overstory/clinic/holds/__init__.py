"""What keeps a session of a signed plan from being confirmed, in one list, and how each is closed."""
