"""`python -m overstory.cli`, the same as the command `overstory`."""

from overstory.cli import main

main()
