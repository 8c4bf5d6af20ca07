"""The figures of a population as a page to read: its words, its pictures, its parts."""
