"""Works on the jobs of one type; which one, its environment says."""
