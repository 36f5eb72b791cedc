"""Code that isn't recorded: it keeps what it is given, and changes it whenever it is called."""

import functools
import sys
import weakref

KEPT = []


class Holder:
    pass


HOLDER = Holder()
WEAK = []


def keep(value):
    KEPT.append(value)


def hold(value):
    HOLDER.value = value


def keep_weakly(value):
    WEAK.append(weakref.ref(value))


def make(kind, *arguments):
    """Made here, and kept."""
    made = kind(*arguments)
    KEPT.append(made)
    return made


def make_several(kind, *arguments):
    made = [kind(argument) for argument in arguments]
    KEPT.append(made[-1])
    return made


def let_go():
    KEPT.clear()
    WEAK.clear()
    HOLDER.value = None


def change(name, value):
    setattr(KEPT[-1], name, value)


def change_held(name, value):
    setattr(HOLDER.value, name, value)


def change_weakly(name, value):
    setattr(WEAK[-1](), name, value)


def change_all(name, value):
    for kept in KEPT:
        setattr(kept, name, value)


def change_class(name, value):
    setattr(type(KEPT[-1]), name, value)


def change_main(name, value):
    setattr(sys.modules["__main__"], name, value)


def change_module(module, name, value):
    setattr(sys.modules[module], name, value)


def change_when_called(value):
    return lambda name, new: setattr(value, name, new)


def run(action):
    """Does something with what was kept last."""
    action(KEPT[-1])


def update(**values):
    vars(KEPT[-1]).update(values)


def replace_dict(values):
    KEPT[-1].__dict__ = values


def set_state(values):
    KEPT[-1].__setstate__(values)


def set_plainly(name, value):
    object.__setattr__(KEPT[-1], name, value)


def delete(name):
    delattr(KEPT[-1], name)


def append(value):
    KEPT[-1].items.append(value)


def put(key, value):
    KEPT[-1][key] = value


def call(function, *arguments):
    return function(*arguments)


def after_items(values, name, value):
    """A generator that changes what is kept behind its last item."""
    yield from values
    setattr(KEPT[-1], name, value)


def handler_of(value):
    value.count = 0

    def handle(number, frame):
        value.count += 1

    return handle


def weak_handler(value):
    return lambda reference: setattr(value, "name", "by a weak reference")


def gc_handler(value):
    return lambda phase, details: setattr(value, "name", phase)


def change_later(value, ready):
    value.name = "in a thread"
    ready.set()


def go_on(values):
    """A generator that changes what it goes through behind its last item."""
    yield from list(values)
    values.append("behind")


async def go_on_async(values):
    for value in list(values):
        yield value
    values.append("behind")


def finally_changes(values):
    """A generator that changes what it goes through when it is left."""
    try:
        yield from list(values)
    finally:
        values.append("left")


def take():
    return KEPT[-1]


def change_items(name, value):
    for kept in KEPT[-1]:
        setattr(kept, name, value)


def then(values, function, *arguments):
    yield from values
    function(*arguments)


def change_result(values, function):
    yield from values
    function().append("result")


def change_attribute(values, user):
    yield from values
    user.get().append("got")


def change_property(values, user):
    yield from values
    user.prop.append("property")


def change_deep(values, users):
    yield from values
    users[0].items[0].items[0].append("deep")


def append_to_result(function):
    function().append("result")


def append_to_results(functions):
    for function in functions:
        function().append("result")


def call_and(function, then):
    then(function()).append("then")


def set_of_result(function, name, value):
    setattr(function(), name, value)


def set_of_first(function, name, value):
    setattr(function()[0], name, value)


def append_to_result_key(function):
    function().append("key")
    return 1


def set_each(values, name, value):
    for each in values:
        setattr(each, name, value)


def append_to_attribute(value):
    value.items.append("attribute")


def append_to_item(value, key):
    value[key].append("item")


def append_to_each(values):
    for each in values:
        each.append("each")


def call_result_of(function):
    function(1).append("result of")


def take_out():
    return KEPT.pop()


def change_items_deep(name, value):
    setattr(KEPT[-1][0], name, value)
    setattr(KEPT[-1][1][0], name, value)
    KEPT[-1][1][0].items.append(value)


def give(function, value):
    made = function()
    made.items.append(value)
    return made


def give_to(function):
    function(KEPT[-1])


def append_held(value):
    HOLDER.value.items.append(value)


def change_own():
    HOLDER.other = [1]


def append_own(value):
    HOLDER.other.append(value)


OWN = {"inner": [], "count": 0}


def own_table():
    return OWN


def fill_own_table():
    OWN["inner"].append(len(OWN["inner"]))
    OWN["count"] += 1
    OWN[len(OWN)] = [OWN["count"]]


class Lazy:
    """What is asked of it is worked out then, and kept."""

    def __init__(self):
        self.kept = None
        self.asked = []

    @property
    def text(self):
        self.kept = "text"
        self.asked.append("text")
        return self.kept

    @functools.cached_property
    def once(self):
        self.asked.append("once")
        return len(self.asked)

    def __getattr__(self, name):
        if name.startswith("_"):
            raise AttributeError(name)
        self.asked.append(name)
        return name
