"""A lively market made from a seed: the same seed gives the same trades. Pure; no clock, no float in what goes out."""
