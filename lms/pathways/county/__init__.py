"""Where the people of a place stand on their ways: the funnel, who is one step away, who falls out."""
