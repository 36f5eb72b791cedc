"""Two tags are taken for one."""

import re


def tags(text):
    return re.findall("<(.+)>", text)


def first_tag(text):
    found = tags(text)
    return found[0]


tag = first_tag("<b>bold</b>")
assert tag == "b", tag
