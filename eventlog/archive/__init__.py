"""The log as files: what is exported can be appended to empty topics again, record by record, at the same offsets."""
