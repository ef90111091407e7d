"""The read API for the web app and scripts: JSON, columns and server-sent events."""
