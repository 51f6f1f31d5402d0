"""Backups of the database: taken with where the topics stood, tried, put back so that nothing is done twice."""
