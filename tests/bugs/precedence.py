"""Children pay, although they are members."""


def pays(age, member):
    return not member or age >= 18 and not age < 12 or age < 12


def price(visitors):
    amount = 0
    for age, member in visitors:
        if pays(age, member):
            amount += 10
    return amount


total = price([(30, True), (8, True)])
assert total == 10, total
