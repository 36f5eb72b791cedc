"""Version 10 comes before version 9."""


def newest(versions):
    ordered = sorted(versions)
    return ordered[-1]


found = newest(["1.9", "1.10", "1.2"])
assert found == "1.10", found
