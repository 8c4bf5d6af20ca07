"""A population in figures: verdicts, attrition, open questions, who would qualify, who is left."""
