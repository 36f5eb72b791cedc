"""Tests of `tttui shell`."""
