"""The desk over HTTP: JSON in, JSON out, described by OpenAPI."""
