"""The commands, a module each: `command` (a function) or `app` (a typer.Typer). See ops/cli.py."""
