/* CPython 3.12+: sys.monitoring with C callbacks. Code that isn't recorded runs at full speed: of a program that is
 * recorded from its start on it never gets the events that have to be switched off for each instruction by itself;
 * the others it switches off at their first occurrence. */
#include "recorder.h"

#if USE_MONITORING

static PyObject *disable;
static int tool_id = -1;

/* Events that code objects get for themselves, where `lines_locally`. */
static const char *const local_names[] = {"LINE", "PY_RETURN", "PY_YIELD"};
static PyObject *set_local_events, *tool_number, *local_events;
static bool lines_locally;

/* A code object that is recorded is about to run, or to go on, for the first time. */
static void watch_code(PyCodeObject *code)
{
    if (lines_locally) {
        PyObject *arguments[] = {tool_number, (PyObject *)code, local_events};
        PyObject *kept = PyErr_GetRaisedException();
        Py_XDECREF(PyObject_Vectorcall(set_local_events, arguments, 3, NULL));
        PyErr_SetRaisedException(kept);
    }
}

/* The frame of this thread where that runs `code` in the interpreter that is recorded, else NULL. */
static inline Frame *frame_running(PyThreadState *state, PyObject *code)
{
    if (UNLIKELY(state == NULL || state->interp != R.interpreter)) {
        return NULL;
    }
    Frame *frame = thread_frame(state);
    return LIKELY(frame != NULL && (PyObject *)frame_code(frame) == code) ? frame : NULL;
}

/* Sets `state`, `frame`, `code` and `info`, or leaves the callback. */
#define RECORDED_OR_RETURN(otherwise)                                                  \
    if (UNLIKELY(!R.active || R.inside || count < 2 || !PyCode_Check(arguments[0]))) { \
        Py_RETURN_NONE;                                                                \
    }                                                                                  \
    PyThreadState *state = current_thread();                                           \
    PyCodeObject *code = (PyCodeObject *)arguments[0];                                 \
    Frame *frame = frame_running(state, arguments[0]);                                 \
    if (UNLIKELY(frame == NULL)) {                                                     \
        Py_RETURN_NONE;                                                                \
    }                                                                                  \
    CodeInfo *info = code_info(code, frame_globals(frame));                            \
    if (UNLIKELY(!info->recorded)) {                                                   \
        return Py_NewRef(otherwise);                                                   \
    }

static PyObject *monitor_start(PyObject *self, PyObject *const *arguments, Py_ssize_t count)
{
    RECORDED_OR_RETURN(disable)
    on_call(state, frame, code, info);
    Py_RETURN_NONE;
}

static PyObject *monitor_resume(PyObject *self, PyObject *const *arguments, Py_ssize_t count)
{
    RECORDED_OR_RETURN(disable)
    on_resume(state, frame, code, info, NULL);
    Py_RETURN_NONE;
}

static PyObject *monitor_line(PyObject *self, PyObject *const *arguments, Py_ssize_t count)
{
    Thread *thread = R.thread;
    if (LIKELY(R.active && !R.inside && thread != NULL)) {
        PyThreadState *state = current_thread();
        Shadow *top = thread->top;
        if (LIKELY(thread->state == state && thread->state_id == state->id && top != NULL &&
                   top->frame == thread_frame(state) && (PyObject *)top->code_object == arguments[0] &&
                   int_digit_count((PyLongObject *)arguments[1]) == 1)) {
            on_known_line(thread, top, (int)int_digits((PyLongObject *)arguments[1])[0]);
            Py_RETURN_NONE;
        }
    }
    RECORDED_OR_RETURN(disable)
    PyLongObject *number = (PyLongObject *)arguments[1];
    int line = LIKELY(int_digit_count(number) <= 1) ? (int)(int_digit_count(number) ? int_digits(number)[0] : 0)
                                                    : (int)PyLong_AsLong(arguments[1]);
    on_line(state, frame, code, info, line);
    Py_RETURN_NONE;
}

static PyObject *monitor_return(PyObject *self, PyObject *const *arguments, Py_ssize_t count)
{
    RECORDED_OR_RETURN(disable)
    on_return(state, frame, code, info, count > 2 ? arguments[2] : NULL);
    Py_RETURN_NONE;
}

static PyObject *monitor_yield(PyObject *self, PyObject *const *arguments, Py_ssize_t count)
{
    RECORDED_OR_RETURN(disable)
    on_yield(state, frame, code, info, count > 2 ? arguments[2] : NULL);
    Py_RETURN_NONE;
}

static PyObject *monitor_throw(PyObject *self, PyObject *const *arguments, Py_ssize_t count)
{
    RECORDED_OR_RETURN(Py_None)
    on_resume(state, frame, code, info, count > 2 ? arguments[2] : Py_None);
    Py_RETURN_NONE;
}

static void monitored_exception(uint8_t event, PyThreadState *state, Frame *frame, PyCodeObject *code, CodeInfo *info,
                                PyObject *offset, PyObject *exception)
{
    long at = PyLong_AsLong(offset);
    on_exception(event, state, frame, code, info, exception, (int)(at / 2), unit_line(info, (int)(at / 2)), false);
}

#define EXCEPTION_CALLBACK(name, event)                                                        \
    static PyObject *name(PyObject *self, PyObject *const *arguments, Py_ssize_t count)        \
    {                                                                                          \
        RECORDED_OR_RETURN(Py_None)                                                            \
        monitored_exception(event, state, frame, code, info, arguments[1],                     \
                            count > 2 ? arguments[2] : NULL);                                  \
        Py_RETURN_NONE;                                                                        \
    }
EXCEPTION_CALLBACK(monitor_raise, EV_RAISE)
EXCEPTION_CALLBACK(monitor_reraise, EV_RERAISE)
EXCEPTION_CALLBACK(monitor_handled, EV_HANDLED)
EXCEPTION_CALLBACK(monitor_unwind, EV_UNWIND)

static struct {
    const char *name;
    PyMethodDef method;
    long event;
} callbacks[] = {
    {"PY_START", {"tttui", (PyCFunction)(void *)monitor_start, METH_FASTCALL, NULL}, 0},
    {"PY_RESUME", {"tttui", (PyCFunction)(void *)monitor_resume, METH_FASTCALL, NULL}, 0},
    {"LINE", {"tttui", (PyCFunction)(void *)monitor_line, METH_FASTCALL, NULL}, 0},
    {"PY_RETURN", {"tttui", (PyCFunction)(void *)monitor_return, METH_FASTCALL, NULL}, 0},
    {"PY_YIELD", {"tttui", (PyCFunction)(void *)monitor_yield, METH_FASTCALL, NULL}, 0},
    {"PY_THROW", {"tttui", (PyCFunction)(void *)monitor_throw, METH_FASTCALL, NULL}, 0},
    {"RAISE", {"tttui", (PyCFunction)(void *)monitor_raise, METH_FASTCALL, NULL}, 0},
    {"RERAISE", {"tttui", (PyCFunction)(void *)monitor_reraise, METH_FASTCALL, NULL}, 0},
    {"EXCEPTION_HANDLED", {"tttui", (PyCFunction)(void *)monitor_handled, METH_FASTCALL, NULL}, 0},
    {"PY_UNWIND", {"tttui", (PyCFunction)(void *)monitor_unwind, METH_FASTCALL, NULL}, 0},
};
#define CALLBACKS (sizeof callbacks / sizeof callbacks[0])

static bool is_local(const char *name)
{
    for (size_t i = 0; i < sizeof local_names / sizeof *local_names; i++) {
        if (strcmp(name, local_names[i]) == 0) {
            return true;
        }
    }
    return false;
}

/* Switch the hooks on; -1 with an exception set. `early`: before any code that is recorded runs. What runs already,
 * or was left in the middle in ways that tell of nothing (greenlets), is only found by events that all code gets. */
static int install_hooks(bool early)
{
    PyObject *monitoring = PySys_GetObject("monitoring"); /* borrowed */
    PyObject *events = monitoring != NULL ? PyObject_GetAttrString(monitoring, "events") : NULL;
    if (events == NULL) {
        return -1;
    }
    int result = -1;
    disable = PyObject_GetAttrString(monitoring, "DISABLE");
    if (disable == NULL) {
        goto finish;
    }
    static const int preferred[] = {4, 3, 0, 2, 1, 5}; /* 3 and 4 have no name for a purpose */
    for (size_t i = 0; i < 6 && tool_id < 0; i++) {
        PyObject *used = PyObject_CallMethod(monitoring, "use_tool_id", "is", preferred[i], "tttui");
        if (used != NULL) {
            Py_DECREF(used);
            tool_id = preferred[i];
        }
        else {
            PyErr_Clear();
        }
    }
    if (tool_id < 0) {
        PyErr_SetString(PyExc_RuntimeError, "all tool ids of sys.monitoring are in use");
        goto finish;
    }
    long mask = 0, local_mask = 0;
    lines_locally = early;
    for (size_t i = 0; i < CALLBACKS; i++) {
        PyObject *event = PyObject_GetAttrString(events, callbacks[i].name);
        PyObject *callback = event != NULL ? PyCFunction_New(&callbacks[i].method, NULL) : NULL;
        PyObject *old = callback != NULL
                            ? PyObject_CallMethod(monitoring, "register_callback", "iOO", tool_id, event, callback)
                            : NULL;
        if (old != NULL) {
            callbacks[i].event = PyLong_AsLong(event);
            *(early && is_local(callbacks[i].name) ? &local_mask : &mask) |= callbacks[i].event;
        }
        Py_XDECREF(old);
        Py_XDECREF(callback);
        Py_XDECREF(event);
        if (old == NULL) {
            goto finish;
        }
    }
    if (early) {
        set_local_events = PyObject_GetAttrString(monitoring, "set_local_events");
        tool_number = PyLong_FromLong(tool_id);
        local_events = PyLong_FromLong(local_mask);
        if (set_local_events == NULL || tool_number == NULL || local_events == NULL) {
            goto finish;
        }
    }
    if (R.run > 1) { /* code that switched its events off in an earlier recording may be of interest now */
        Py_XDECREF(PyObject_CallMethod(monitoring, "restart_events", NULL));
        PyErr_Clear();
    }
    PyObject *set = PyObject_CallMethod(monitoring, "set_events", "il", tool_id, mask);
    Py_XDECREF(set);
    result = set != NULL ? 0 : -1;
finish:
    Py_DECREF(events);
    return result;
}

static void remove_hooks(void)
{
    PyObject *monitoring = PySys_GetObject("monitoring");
    if (monitoring == NULL || tool_id < 0) {
        return;
    }
    PyObject *result = PyObject_CallMethod(monitoring, "set_events", "ii", tool_id, 0);
    Py_XDECREF(result);
    for (size_t i = 0; i < CALLBACKS; i++) {
        result = PyObject_CallMethod(monitoring, "register_callback", "ilO", tool_id, callbacks[i].event, Py_None);
        Py_XDECREF(result);
    }
    result = PyObject_CallMethod(monitoring, "free_tool_id", "i", tool_id);
    Py_XDECREF(result);
    PyErr_Clear();
    lines_locally = false;
    tool_id = -1;
}

#endif
