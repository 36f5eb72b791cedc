"""Tests of expressions over recorded values."""
