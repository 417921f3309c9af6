"""Ends a job whose state machine gave up."""
