"""What people use today; each program runs in an environment of its own, and knows nothing of Jobmill."""
