"""How the tables of this part came about."""
