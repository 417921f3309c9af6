"""EventBridge rule → a look at all scheduled tasks."""
