"""What staff see of persons, sites, staff and times."""
