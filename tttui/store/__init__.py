"""Reading a recording: `run.Run` opens it, `records` are what it answers with."""
