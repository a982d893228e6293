"""A crawl: every page gets its verdict, then what only shows across pages is found and counted in."""
