"""What the commands `info`, `list`, `show` and `query` say about a recording."""
