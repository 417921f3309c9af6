"""The job: what it is, which changes of it are legal, and the store that holds it."""
