"""Follows the table's stream: counts the jobs of each project, and announces what happened to them."""
