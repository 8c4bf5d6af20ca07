"""An invented clinic for trying things out."""
