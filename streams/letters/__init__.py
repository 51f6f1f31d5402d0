"""dead_letters: what is on the topic of that name, kept where operators can look at it; and redriven when they ask."""
