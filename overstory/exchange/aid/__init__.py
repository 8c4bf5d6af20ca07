"""The decision aid that a person takes home: one template, as HTML and as tagged PDF, en and es."""
