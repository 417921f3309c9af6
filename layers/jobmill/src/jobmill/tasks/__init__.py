"""Scheduled tasks: what is known of each, its data at hand, and the way to run one. What they do is `jobmill.scheduled`."""
