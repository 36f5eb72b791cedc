class Settings:
    level = 1
    names = []


Settings.level = 2
Settings.names.append("x")
Settings.added = {"a": 1}
setattr(Settings, "by_name", 5)
del Settings.added


def method(self):
    return self.level


Settings.method = method
result = Settings().method()
