"""What comes in on the WebSockets of live updates."""
