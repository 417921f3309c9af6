"""The dashboard's files, as `make dashboard` puts them into `files/`: index.html, and assets/ with hashed names."""
