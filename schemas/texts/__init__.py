"""Texts for people, a flat file per language: key → text with named placeholders."""
