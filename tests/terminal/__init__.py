"""Tests of the real command on a real pseudo-terminal."""
