"""Reports: files made for people, in S3, and the links to them."""
