"""Datasets: what a project's named, versioned tables hold and how they are asked."""
