"""Follows the table's stream, beside the notifier: tells changes of jobs to the WebSockets that listen."""
