def grade(score):
    if score > 90:
        return "a"
    elif score > 50:
        return "b" if score > 70 else "c"
    else:
        return "d"


grades = [grade(95), grade(80), grade(60), grade(10)]
flag = grades and not None or "x"
chained = 1 < 2 < 3 > 2
picked = [] or {} or "last"
assert picked == "last", "message"
