"""What developers and CI need."""
