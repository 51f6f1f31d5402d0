"""The HTTP face: reads the tables, takes what users decide, and is the door for trades that come by webhook."""
