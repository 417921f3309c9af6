"""Live updates: who listens to which jobs on a WebSocket, what they are told, and the telling (docs/live.md)."""
