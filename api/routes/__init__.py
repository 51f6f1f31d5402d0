"""The routes, a module for each thing they are about; each parses, asks and shows."""
