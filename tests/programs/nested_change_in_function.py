class Config:
    def __init__(self):
        self.options = {"deep": {"list": [1, 2, {"x": 1}]}}


def alter(config):
    config.options["deep"]["list"][2]["x"] = 2


def alter_later(config):
    target = config.options["deep"]["list"]
    target.append(3)
    other = target[2]
    other["y"] = target


config = Config()
alter(config)
alter_later(config)
check = config.options["deep"]["list"][2]["x"]
