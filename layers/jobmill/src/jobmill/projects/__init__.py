"""What belongs to a project beside its jobs: its name and settings, counts, uploads, datasets."""
