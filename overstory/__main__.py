"""`python -m overstory`, the same as the command `overstory`."""

from overstory.cli import main

main()
