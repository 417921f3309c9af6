"""What a crawl says about a site's pages, and which page each keyword belongs to: rules only, no files, no AWS.

`columns` tells what a sheet is, `pages` and `keywords` gather its rows, `site` looks across all pages, `checks` judges
each one, `mapping` finds each keyword's page, `summary` counts. docs/analysis.md names every limit and its source.
"""
