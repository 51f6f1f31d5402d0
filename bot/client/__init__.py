"""The API as the bot asks it: for exactly one user, in time, again only where that is safe."""
