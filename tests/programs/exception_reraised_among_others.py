def nested():
    try:
        raise ValueError("outer")
    except ValueError:
        try:
            raise KeyError("inner")
        except KeyError:
            handled = True
        raise


def finally_after_other():
    try:
        raise ValueError("first")
    finally:
        try:
            raise KeyError("second")
        except KeyError:
            pass
        done = 1


def handled_and_new():
    try:
        nested()
    except ValueError as error:
        saved = error
    try:
        finally_after_other()
    except ValueError as error:
        raise TypeError("new") from saved


def not_matching():
    try:
        try:
            raise ValueError("passes")
        except KeyError:
            pass
    except (TypeError, IndexError):
        pass
    else:
        pass


class Cleaning:
    def __enter__(self):
        return self

    def __exit__(self, *what):
        try:
            raise KeyError("in exit")
        except KeyError:
            return False


def through_with():
    with Cleaning():
        raise ValueError("through with")


def generator():
    try:
        yield 1
    except ValueError:
        try:
            yield 2
        except KeyError:
            yield 3
        raise


caught = []
for function in (nested, finally_after_other, handled_and_new, not_matching, through_with):
    try:
        function()
    except Exception as error:
        caught.append(error)
g = generator()
values = [next(g), g.throw(ValueError("a")), g.throw(KeyError("b"))]
try:
    next(g)
except ValueError as error:
    caught.append(error)
