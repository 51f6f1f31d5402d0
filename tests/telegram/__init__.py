"""Tests of the Telegram counterparts: our local server, and one that is not our own code."""
