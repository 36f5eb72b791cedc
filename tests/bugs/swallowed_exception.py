"""A setting is ignored."""


def parse(text):
    return int(text)


def read(settings, name, default):
    try:
        return parse(settings[name])
    except Exception:
        return default


settings = {"port": "8O80", "host": "local"}
port = read(settings, "port", 80)
assert port == 8080, port
