"""What happened: the clinic's web application, the only part that knows requests, rows and the clock."""
