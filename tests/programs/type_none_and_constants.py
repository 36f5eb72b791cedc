nothing = None
yes = True
no = False
dots = ...
not_implemented = NotImplemented
