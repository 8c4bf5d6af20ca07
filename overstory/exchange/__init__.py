"""Other systems' shapes: documents to our values and back; no network."""
