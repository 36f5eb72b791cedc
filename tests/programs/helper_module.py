"""What import_module_of_the_program imports."""

CONSTANT = 7
STATE = {"count": 0}


class Helper:
    def __init__(self, value):
        self.value = value

    def double(self):
        return self.value * 2


def change():
    STATE["count"] += 1
    global CONSTANT
    CONSTANT += 1
