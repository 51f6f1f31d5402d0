"""The doctor: this machine and what it reaches, a check a line, each ✗ with its mend (UX §6). Only looks."""
