from libraries import keeping
import helper_module
counter = 0
def look():
    local = 1
    keeping.change_main("counter", 5)
    local = 2
    keeping.change_module("helper_module", "CONSTANT", 70)
    local = helper_module.CONSTANT
    keeping.change_main("added", [1])
    local = 3
look()
after = counter
keeping.change_main("counter", 6)
after = 2
keeping.change_main("after", 7)
helper_module.change()
keeping.change_module("helper_module", "CONSTANT", 71)
helper_module.change()
