"""Jobmill: background jobs and reports, as one serverless application."""
