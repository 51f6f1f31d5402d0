"""The crash campaign: everything runs on this machine, parts are killed at random moments, and nothing may be lost."""
