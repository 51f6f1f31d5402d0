"""The Telegram face: a client of the API, screens, notices. It has neither database nor Kafka."""
