"""Follows the table's stream: counts the jobs of each project."""
