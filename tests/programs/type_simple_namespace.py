from types import MappingProxyType, SimpleNamespace

space = SimpleNamespace(a=1, b=[2])
space.b.append(3)
space.c = space
proxy = MappingProxyType({"k": 1})
