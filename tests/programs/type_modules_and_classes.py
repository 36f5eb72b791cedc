import collections
import json as renamed
import math
from os import path


class Local:
    attribute = 1


kinds = [int, dict, Local, type, object, ValueError]
alias = Local
union = int | None
generic = list[int]
