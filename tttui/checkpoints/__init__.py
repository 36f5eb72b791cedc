"""Checkpoints: paused copies of a program that is recorded; real objects at past moments of it."""
