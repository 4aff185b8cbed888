"""What everybody reads: posts, people and comments, as JSON and as pages. It owns no topic and takes no command."""
