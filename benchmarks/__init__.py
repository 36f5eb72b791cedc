"""What recording costs: `python -m benchmarks` prints the table, README.md explains how to read it."""
