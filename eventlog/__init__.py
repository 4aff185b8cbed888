"""The durable log: appends facts, lets the log arbitrate between them, and folds them into views. Knows no HTTP and no blog."""
