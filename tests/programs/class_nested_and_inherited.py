class Outer:
    limit = 3

    class Inner:
        size = 5

        def both(self):
            return (Outer.limit, self.size)


class Left(Outer):
    limit = 4


class Right(Outer):
    def extra(self):
        return "extra"


class Both(Left, Right):
    pass


values = (Outer.Inner().both(), Both.limit, Both().extra())
