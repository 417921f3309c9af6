"""What Jobmill's work costs, beside the bare engine and beside what people use today: `make bench`."""
