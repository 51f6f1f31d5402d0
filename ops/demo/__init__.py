"""Everything on this machine, with leaders who trade, followers who copy them, and a picture of what goes on."""
