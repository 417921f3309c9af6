"""Starts a state machine for each message of the `starts` queue."""
