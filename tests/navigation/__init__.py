"""Tests of moving through recordings and of asking about them."""
