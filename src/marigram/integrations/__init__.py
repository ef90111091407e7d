"""Integrations: one module per framework, each imported by itself, each on the public API alone."""
