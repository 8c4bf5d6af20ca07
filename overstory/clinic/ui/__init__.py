"""What pages are made of: layout, parts, pictures."""
