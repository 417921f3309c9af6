"""Files that mean harm, or look as if: what becomes of each is in docs/hostile-files.md."""
