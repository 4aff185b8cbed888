"""A well-behaved process: settings, HTTP manners, identity, health and telemetry. Knows no blog."""
