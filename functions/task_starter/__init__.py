"""EventBridge Scheduler → jobs of the type Task."""
