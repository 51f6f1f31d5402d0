"""Trades and markets from files onto the topics: rows read and judged, paced, sent, and taken up again after a stop."""
