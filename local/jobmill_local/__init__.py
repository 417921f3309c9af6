"""The whole of Jobmill on this machine: a local AWS, the stack on it, its users, and the demonstration."""
