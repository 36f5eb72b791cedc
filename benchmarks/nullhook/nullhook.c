/* A hook that does nothing: what recording cannot cost less than on this interpreter.
 *
 * start(prefixes, count) registers C callbacks for every event that a recorder of everything the
 * user's code does has to see: sys.monitoring from CPython 3.12, PyEval_SetTrace on 3.11. As in
 * a recorder, code under one of the path prefixes (the libraries) is switched off where it can be
 * (DISABLE; not on 3.11). With count, the events of the user's code are counted by kind: the
 * exact number against which the share of events that a recording kept is taken. An exception that
 * passes through frames is one raise: CPython tells of it again in each frame that it reaches.
 *
 * counts() gives them as a dict of kind: number.
 */
#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <frameobject.h>
#include <stdbool.h>
#include <string.h>

enum { LINE, CALL, RETURN, YIELD, RESUME, THROW, RAISE, RERAISE, HANDLED, UNWIND, KINDS };
static const char *const NAMES[KINDS] = {"line",  "call",  "return",  "yield",   "resume",
                                         "throw", "raise", "reraise", "handled", "unwind"};
static unsigned long long numbers[KINDS];
static PyObject *prefixes; /* tuple of str */
static Py_ssize_t scope_slot = -1;
static bool passing; /* the last event counted was an exception leaving its frame */

#if PY_VERSION_HEX >= 0x030c0000
#define get_extra PyUnstable_Code_GetExtra
#define set_extra PyUnstable_Code_SetExtra
#define request_slot PyUnstable_Eval_RequestCodeExtraIndex
#else
#define get_extra _PyCode_GetExtra
#define set_extra _PyCode_SetExtra
#define request_slot _PyEval_RequestCodeExtraIndex
#endif

enum { UNDECIDED, USERS, LIBRARY };

static Py_ssize_t decide_scope(PyObject *code)
{
    PyObject *filename = ((PyCodeObject *)code)->co_filename;
    const char *path = PyUnicode_AsUTF8(filename);
    Py_ssize_t scope = USERS;
    if (path == NULL) {
        PyErr_Clear();
        path = "";
    }
    if (path[0] == '<') { /* frozen, or compiled by a library: no program here compiles code */
        scope = LIBRARY;
    }
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(prefixes); i++) {
        Py_ssize_t size;
        const char *prefix = PyUnicode_AsUTF8AndSize(PyTuple_GET_ITEM(prefixes, i), &size);
        if (prefix != NULL && strncmp(path, prefix, (size_t)size) == 0) {
            scope = LIBRARY;
        }
    }
    if (set_extra(code, scope_slot, (void *)scope) < 0) {
        PyErr_Clear();
    }
    return scope;
}

static inline bool is_users(PyObject *code)
{
    void *scope = NULL;
    get_extra(code, scope_slot, &scope);
    return ((Py_ssize_t)scope == UNDECIDED ? decide_scope(code) : (Py_ssize_t)scope) == USERS;
}

#if PY_VERSION_HEX >= 0x030c0000

static PyObject *disable; /* sys.monitoring.DISABLE */

/* Local events can be switched off at their place in library code; the others cannot. */
#define LOCAL(kind)                                                                                       \
    static PyObject *nothing_##kind(PyObject *self, PyObject *const *arguments, Py_ssize_t count)         \
    {                                                                                                     \
        return Py_NewRef(is_users(arguments[0]) ? Py_None : disable);                                     \
    }                                                                                                     \
    static PyObject *counting_##kind(PyObject *self, PyObject *const *arguments, Py_ssize_t count)        \
    {                                                                                                     \
        if (!is_users(arguments[0])) {                                                                    \
            return Py_NewRef(disable);                                                                    \
        }                                                                                                 \
        numbers[kind]++;                                                                                  \
        passing = false;                                                                                  \
        Py_RETURN_NONE;                                                                                   \
    }
#define GLOBAL(kind)                                                                                      \
    static PyObject *nothing_##kind(PyObject *self, PyObject *const *arguments, Py_ssize_t count)         \
    {                                                                                                     \
        Py_RETURN_NONE;                                                                                   \
    }                                                                                                     \
    static PyObject *counting_##kind(PyObject *self, PyObject *const *arguments, Py_ssize_t count)        \
    {                                                                                                     \
        if (is_users(arguments[0])) {                                                                     \
            numbers[kind] += kind != RAISE || !passing;                                                   \
            passing = kind == UNWIND;                                                                     \
        }                                                                                                 \
        Py_RETURN_NONE;                                                                                   \
    }

LOCAL(LINE)
LOCAL(CALL)
LOCAL(RETURN)
LOCAL(YIELD)
LOCAL(RESUME)
GLOBAL(THROW)
GLOBAL(RAISE)
GLOBAL(RERAISE)
GLOBAL(HANDLED)
GLOBAL(UNWIND)

#define HOOK(kind, event)                                                                                 \
    {                                                                                                     \
        event, {{#kind, (PyCFunction)(void (*)(void))nothing_##kind, METH_FASTCALL, NULL},                \
                {#kind, (PyCFunction)(void (*)(void))counting_##kind, METH_FASTCALL, NULL}}               \
    }
static struct {
    const char *event;
    PyMethodDef functions[2]; /* doing nothing, counting */
} HOOKS[KINDS] = {
    [LINE] = HOOK(LINE, "LINE"),
    [CALL] = HOOK(CALL, "PY_START"),
    [RETURN] = HOOK(RETURN, "PY_RETURN"),
    [YIELD] = HOOK(YIELD, "PY_YIELD"),
    [RESUME] = HOOK(RESUME, "PY_RESUME"),
    [THROW] = HOOK(THROW, "PY_THROW"),
    [RAISE] = HOOK(RAISE, "RAISE"),
    [RERAISE] = HOOK(RERAISE, "RERAISE"),
    [HANDLED] = HOOK(HANDLED, "EXCEPTION_HANDLED"),
    [UNWIND] = HOOK(UNWIND, "PY_UNWIND"),
};
#define TOOL 4 /* one that CPython reserves for nobody */

static int attach(int count)
{
    PyObject *monitoring = PySys_GetObject("monitoring"); /* borrowed */
    PyObject *events = NULL, *result = NULL;
    long all = 0;
    if (monitoring == NULL || (disable = PyObject_GetAttrString(monitoring, "DISABLE")) == NULL ||
        (events = PyObject_GetAttrString(monitoring, "events")) == NULL ||
        (result = PyObject_CallMethod(monitoring, "use_tool_id", "is", TOOL, "nullhook")) == NULL) {
        goto failed;
    }
    for (int kind = 0; kind < KINDS; kind++) {
        PyObject *event = PyObject_GetAttrString(events, HOOKS[kind].event);
        PyObject *function = PyCFunction_New(&HOOKS[kind].functions[count], NULL);
        Py_DECREF(result);
        result = event == NULL || function == NULL
                     ? NULL
                     : PyObject_CallMethod(monitoring, "register_callback", "iOO", TOOL, event, function);
        all |= event == NULL ? 0 : PyLong_AsLong(event);
        Py_XDECREF(event);
        Py_XDECREF(function);
        if (result == NULL) {
            goto failed;
        }
    }
    Py_DECREF(result);
    result = PyObject_CallMethod(monitoring, "set_events", "il", TOOL, all);
failed:
    Py_XDECREF(events);
    Py_XDECREF(result);
    return result == NULL ? -1 : 0;
}

#else

static int nothing(PyObject *self, PyFrameObject *frame, int what, PyObject *argument) { return 0; }

/* PyEval_SetTrace reports a resumption as a call, a yield as a return, the exception that leaves a
 * frame as a return of NULL; handlers not at all. */
static int counting(PyObject *self, PyFrameObject *frame, int what, PyObject *argument)
{
    PyCodeObject *code = PyFrame_GetCode(frame);
    bool users = is_users((PyObject *)code);
    Py_DECREF(code);
    if (users) {
        numbers[LINE] += what == PyTrace_LINE;
        numbers[CALL] += what == PyTrace_CALL;
        numbers[RAISE] += what == PyTrace_EXCEPTION && !passing;
        numbers[RETURN] += what == PyTrace_RETURN && argument != NULL;
        numbers[UNWIND] += what == PyTrace_RETURN && argument == NULL;
        passing = what == PyTrace_RETURN && argument == NULL;
    }
    return 0;
}

static int attach(int count)
{
    PyEval_SetTrace(count ? counting : nothing, NULL);
    return 0;
}

#endif

static PyObject *start(PyObject *module, PyObject *arguments)
{
    int count;
    if (!PyArg_ParseTuple(arguments, "O!p", &PyTuple_Type, &prefixes, &count)) {
        return NULL;
    }
    Py_INCREF(prefixes);
    scope_slot = request_slot(NULL);
    if (attach(count) < 0) {
        return NULL;
    }
    Py_RETURN_NONE;
}

static PyObject *counts(PyObject *module, PyObject *ignored)
{
    PyObject *found = PyDict_New();
    for (int kind = 0; found != NULL && kind < KINDS; kind++) {
        PyObject *number = PyLong_FromUnsignedLongLong(numbers[kind]);
        if (number == NULL || PyDict_SetItemString(found, NAMES[kind], number) < 0) {
            Py_CLEAR(found);
        }
        Py_XDECREF(number);
    }
    return found;
}

static PyMethodDef METHODS[] = {
    {"start", start, METH_VARARGS, "start(prefixes: tuple[str, ...], count: bool): hook everything that runs from now on"},
    {"counts", counts, METH_NOARGS, "counts() -> dict[str, int]: events of the user's code by kind"},
    {NULL, NULL, 0, NULL},
};
static struct PyModuleDef MODULE = {PyModuleDef_HEAD_INIT, .m_name = "nullhook", .m_size = -1, .m_methods = METHODS};

PyMODINIT_FUNC PyInit_nullhook(void) { return PyModule_Create(&MODULE); }
