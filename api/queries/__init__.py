"""The API's queries: one a file, named as what it does."""
