"""The HTTP API: parses, calls one operation, renders."""
