"""The front door of the embedded run: one address for the four services and the web app's files."""
