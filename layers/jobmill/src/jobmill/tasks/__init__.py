"""Scheduled tasks: what is known of each, its data at hand, and a run. What they do is in `jobmill.scheduled`."""
