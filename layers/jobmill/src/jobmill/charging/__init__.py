"""What is collected from OCPI peers: asked in windows, published as datasets, added up by months."""
