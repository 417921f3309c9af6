"""Each minute: the jobs that got stuck go on."""
