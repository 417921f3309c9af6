"""Puts events on the bus that it did not take before."""
