"""Ten times ten cents are not one euro."""


def pay(steps):
    paid = 0.0
    for _ in range(steps):
        paid += 0.1
    return paid


paid = pay(10)
if paid == 1.0:
    print("paid in full")
else:
    raise ValueError(f"{1.0 - paid} is missing")
