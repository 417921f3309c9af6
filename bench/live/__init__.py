"""How quick live updates are, and whether any end is lost among many sockets: `make live-bench`."""
