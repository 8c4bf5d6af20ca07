"""What waits for whom: the page of the day, and each list whole, with owners."""
