"""Ends the jobs whose messages never reached a claim."""
