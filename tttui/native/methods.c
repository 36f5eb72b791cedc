/* What is known of methods and functions by their names: which change at most what they are called on. */
#include "recorder.h"

/* Methods and functions that change at most the object they are called on or given. */
static const char *const tame_methods[] = {
    "append", "extend", "insert", "pop", "remove", "clear", "sort", "reverse", "copy", "count", "index", "get", "items",
    "keys", "values", "setdefault", "popitem", "update", "add", "discard", "join", "split", "strip", "lstrip", "rstrip",
    "startswith", "endswith", "format", "replace", "lower", "upper", "encode", "decode", "find", "rfind", "title",
    "appendleft", "popleft", "extendleft", "rotate", "isdigit", "isalpha", "isspace", "isalnum", "partition",
    "rpartition", "splitlines", "union", "intersection", "difference", "issubset", "issuperset", "zfill", "ljust",
    "rjust", "center", "sqrt", "sin", "cos", "floor", "ceil", "write", "move_to_end", NULL};
static const char *const tame_functions[] = {
    "len", "range", "int", "float", "str", "bool", "abs", "min", "max", "sum", "isinstance", "issubclass", "enumerate",
    "zip", "print", "ord", "chr", "round", "divmod", "pow", "id", "hash", "type", "list", "tuple", "dict", "set",
    "frozenset", "sorted", "reversed", "any", "all", "repr", "hex", "bin", "bytes", "bytearray", "iter", "callable",
    "hasattr", "slice", "complex", "ValueError", "TypeError", "KeyError", "IndexError",
    "RuntimeError", "Exception", "StopIteration", "AttributeError", "sqrt", "deque", "defaultdict", NULL};
/* Names whose use may store into the namespace behind the compiler's back. */
static const char *const namespace_functions[] = {"globals", "locals", "vars", "exec", "eval", "setattr", "delattr",
                                                   "__dict__", "modules", "import_module", "__import__", NULL};

/* Methods that change a dict or a set, and that a list doesn't have. */
static const char *const keyed_methods[] = {"setdefault", "popitem", "update", "add", "discard", NULL};

/* Methods that hand out what a container holds. */
static const char *const item_methods[] = {"setdefault", "get", "items", "values", "pop", "popitem", "popleft", "copy", NULL};

/* What the interpreter calls through C where a line makes an instance, enters or leaves a context, or hands over a
 * generator expression. */
static const char *const called_from_c[] = {"__init__", "__new__", "__enter__", "__exit__", "__aenter__", "__aexit__",
                                             "<genexpr>", NULL};

static bool is_one_of(PyObject *name, const char *const *names)
{
    if (!PyUnicode_IS_ASCII(name)) {
        return false;
    }
    for (; *names != NULL; names++) {
        if (strcmp(PyUnicode_DATA(name), *names) == 0) {
            return true;
        }
    }
    return false;
}

/* Methods that only read, and those that change a sequence at its ends alone. */
static const char *const reading_methods[] = {
    "copy", "count", "index", "get", "items", "keys", "values", "join", "split", "strip", "lstrip", "rstrip", "startswith",
    "endswith", "format", "replace", "lower", "upper", "encode", "decode", "find", "rfind", "title", "isdigit", "isalpha",
    "isspace", "isalnum", "partition", "rpartition", "splitlines", "union", "intersection", "difference", "issubset",
    "issuperset", "zfill", "ljust", "rjust", "center", "sqrt", "sin", "cos", "floor", "ceil", "write", NULL};
