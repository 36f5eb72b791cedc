"""Recording from the outside: launcher, writer, start-up hook, API."""
