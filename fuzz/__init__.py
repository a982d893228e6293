"""Hostile input: fuzzers for everything that reads what others wrote, and a generator of hostile pages."""
