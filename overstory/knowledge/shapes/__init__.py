"""The frozen shapes that the knowledge files have, one module a kind of knowledge."""
