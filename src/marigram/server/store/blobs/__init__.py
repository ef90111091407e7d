"""Blobs: bytes by their SHA-256."""
