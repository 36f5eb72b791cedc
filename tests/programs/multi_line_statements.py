def combine(
    first,
    second=2,
    *,
    third=3,
):
    return (
        first
        + second
        + third
    )


result = combine(
    combine(1),
    second=combine(
        4,
        third=5,
    ),
)
table = {
    "a": 1,
    "b": [
        2,
        combine(3),
    ],
}
text = (
    "one "
    f"{result} "
    "three"
)
condition = (
    result > 3
    and len(table) == 2
)
a = 1; b = 2; c = a + b
