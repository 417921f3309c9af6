"""EventBridge rule → the jobs whose time is over go."""
