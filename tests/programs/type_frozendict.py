# oracle: from 3.15
empty = frozendict()
small = frozendict(a=1, b=[2])
small["b"].append(3)
merged = small | {"c": 4}
nested = {empty: merged}


class Settings(frozendict):
    pass


settings = Settings(x=1)
settings.note = ["added"]
large = frozendict({number: number for number in range(100)})
after = 1
