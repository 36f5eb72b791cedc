# oracle: from 3.14
name = "ann"
template = t"hello {name!r:>5}"
parts = template.strings
values = template.values
