"""Links: signed tickets to files, that anyone who has one may use without signing in, until they end."""
