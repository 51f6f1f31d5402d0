"""The local stack: a real Kafka and a real Postgres from packages, without a container engine."""
