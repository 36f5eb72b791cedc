"""Tests of the reports: info, list, show, query."""
