"""Tests that the documentation is current."""
