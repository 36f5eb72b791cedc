import helper_module
from helper_module import CONSTANT, Helper, change

helper = Helper(3)
doubled = helper.double()
change()
seen = helper_module.STATE["count"]
helper_module.STATE["added"] = True
helper_module.CONSTANT = 99
