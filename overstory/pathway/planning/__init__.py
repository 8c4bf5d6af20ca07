"""Planning: open days, sessions of a course, the combination, what stands around them, and changes."""
