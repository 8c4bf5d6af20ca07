"""Every speed and memory figure that the README states, measured; one JSON object a line."""
