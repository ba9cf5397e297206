"""The whole mesh on one machine without containers: PostgreSQL, Kafka, a trace viewer, six processes, sandboxes."""
