"""Announcements: what other systems are told of jobs, as CloudEvents on the stack's bus."""
