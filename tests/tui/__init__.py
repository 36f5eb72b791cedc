"""Tests of the viewer: real recordings, real keys, what the panes then show."""
