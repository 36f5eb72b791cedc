"""The same program, plain and recorded: it must not notice."""
