"""How the clinic is set up: settings, keys, databases, addresses."""
