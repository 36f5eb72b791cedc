/* Where the program is to stop: lines that were named before it started, and its own calls of breakpoint()
 * where the user asks for that. */
#include "recorder.h"

static bool is_aside(PyThreadState *state);
static bool inputs_noted(bool wanted);

#define MAX_STOPS 32
static struct {
    const char *path;
    int line;
    const char *condition; /* NULL: always */
    PyObject *compiled;
} stops[MAX_STOPS];
static int stop_count;
static bool stop_wanted;       /* at the end of this event                                      */
static bool stops_over;        /* the user has let it go on to its end                          */
static bool breakpoints_stop;  /* breakpoint() is one                                           */
static PyThreadState *breakpoint_called; /* by this thread: it stops at its next line           */
static char stop_remark[512];  /* what there is to say about the stop                           */

/* From an option, "LINE:PATH", then a tabulator and the condition if there is one. */
static void add_stop(char *text, long line)
{
    char *path = strchr(text, ':');
    if (path != NULL && stop_count < MAX_STOPS) {
        char *condition = strchr(path, '\t');
        if (condition != NULL) {
            *condition++ = 0;
        }
        stops[stop_count].path = path + 1;
        stops[stop_count].line = (int)line;
        stops[stop_count].condition = condition;
        stops[stop_count++].compiled = NULL;
    }
}

/* Which of them are in a file: its path, or the end of it, was named. */
static uint32_t stops_in(PyObject *path)
{
    char name[4096];
    if (stop_count == 0 || PyUnicode_GET_LENGTH(path) > 1000) {
        return 0;
    }
    size_t size = encode_text(path, PyUnicode_GET_LENGTH(path), (uint8_t *)name);
    uint32_t found = 0;
    for (int i = 0; i < stop_count; i++) {
        size_t length = strlen(stops[i].path);
        if (length <= size && memcmp(name + size - length, stops[i].path, length) == 0 &&
            (length == size || name[size - length - 1] == '/')) {
            found |= 1u << i;
        }
    }
    return found;
}

static bool stops_at(uint32_t in_file, int line)
{
    for (int i = 0; i < stop_count; i++) {
        if ((in_file & (1u << i)) && stops[i].line == line) {
            return true;
        }
    }
    return false;
}

/* ---- conditions: evaluated by the program itself, as other debuggers do, and not recorded ---- */

static void say_why(const char *text, PyObject *error)
{
    PyObject *described = error != NULL ? PyObject_Str(error) : NULL;
    const char *said = described != NULL ? PyUnicode_AsUTF8(described) : NULL;
    snprintf(stop_remark, sizeof stop_remark, "%s: %s%s%.300s", text, error != NULL ? Py_TYPE(error)->tp_name : "", said != NULL ? ": " : "",
             said != NULL ? said : "");
    Py_XDECREF(described);
    PyErr_Clear();
}

/* The frame's variables that a condition names; a new reference. One that holds code of its own, a lambda or
 * a comprehension, finds names in the globals alone: there all are. */
static PyObject *names_for(PyCodeObject *condition, Shadow *shadow, PyObject **globals)
{
    PyCodeObject *code = shadow->code_object;
    bool nested = false;
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(condition->co_consts); i++) {
        nested |= PyCode_Check(PyTuple_GET_ITEM(condition->co_consts, i));
    }
    PyObject *names = nested ? PyDict_Copy(*globals) : PyDict_New();
    PyObject *space = shadow->code->optimized ? NULL : frame_namespace(shadow->frame);
    if (names != NULL && space != NULL && space != *globals && PyDict_Check(space)) {
        PyDict_Update(names, space);
    }
    for (int i = 0; names != NULL && i < shadow->code->slots; i++) {
        PyObject *value = frame_slot(shadow->frame, i);
        if (value != NULL && (shadow->code->kinds[i] == SLOT_CELL || shadow->code->kinds[i] == SLOT_FREE) && PyCell_Check(value)) {
            value = PyCell_GET(value);
        }
        if (value != NULL && shadow->code->kinds[i] != SLOT_HIDDEN) {
            PyDict_SetItem(names, PyTuple_GET_ITEM(code->co_localsplusnames, i), value);
        }
    }
    *globals = nested ? names : *globals;
    return names;
}

/* Whether the condition of a stop holds; where that can't be told it does, with the reason. */
static bool condition_holds(int index, Shadow *shadow)
{
    PyObject *compiled = stops[index].compiled;
    if (compiled == NULL) {
        compiled = stops[index].compiled = Py_CompileString(stops[index].condition, "<condition>", Py_eval_input);
    }
    PyObject *globals = frame_globals(shadow->frame);
    PyObject *names = compiled != NULL ? names_for((PyCodeObject *)compiled, shadow, &globals) : NULL;
    PyObject *value = names != NULL ? PyEval_EvalCode(compiled, globals, names) : NULL;
    int holds = value != NULL ? PyObject_IsTrue(value) : -1;
    if (holds < 0) {
        PyObject *type, *error, *traceback;
        PyErr_Fetch(&type, &error, &traceback);
        PyErr_NormalizeException(&type, &error, &traceback);
        say_why("its condition could not be told", error);
        Py_XDECREF(type);
        Py_XDECREF(error);
        Py_XDECREF(traceback);
    }
    Py_XDECREF(value);
    Py_XDECREF(names);
    return holds != 0;
}

/* ---- code of the debugger's in a thread of the program: what it runs is not recorded, other threads are ---- */

typedef struct {
    PyThreadState *state;
    Thread *thread;
    PyObject *exception[3];
} Aside;

static Aside step_aside(void)
{
    Aside aside = {current_thread(), R.thread, {NULL, NULL, NULL}};
    PyErr_Fetch(&aside.exception[0], &aside.exception[1], &aside.exception[2]);
    aside.thread->aside = true;
    R.threads_aside++;
    R.thread = NULL; /* so that each event looks whose it is */
    R.inside = false;
    return aside;
}

static void step_back(Aside *aside)
{
    aside->thread->aside = false;
    R.threads_aside--;
    if (R.thread == NULL) {
        R.thread = aside->thread;
    }
    R.inside = true;
    PyErr_Restore(aside->exception[0], aside->exception[1], aside->exception[2]);
}

/* At the end of a line's event: whether the program is to stop there. */
static bool is_to_stop(void)
{
    Shadow *shadow = R.thread != NULL ? R.thread->top : NULL;
    stop_remark[0] = 0;
    if (shadow == NULL || stops_over) {
        return false;
    }
    for (int i = 0; i < stop_count; i++) {
        if ((shadow->code->stops & (1u << i)) && stops[i].line == shadow->line) {
            if (stops[i].condition == NULL) {
                return true;
            }
            bool noting = inputs_noted(false);
            Aside aside = step_aside();
            bool holds = condition_holds(i, shadow);
            step_back(&aside);
            inputs_noted(noting);
            if (holds) {
                return true;
            }
        }
    }
    return false;
}

/* ---- breakpoint() ---- */

static PyObject *breakpoint_hook(PyObject *module, PyObject *const *arguments, Py_ssize_t count, PyObject *names)
{
    const char *variable = getenv("PYTHONBREAKPOINT");
    bool off = variable != NULL && strcmp(variable, "0") == 0;
    if (!off && R.active && !R.inside && !stops_over && !is_aside(current_thread())) {
        breakpoint_called = current_thread();
        R.attention = true;
    }
    Py_RETURN_NONE;
}

static bool install_breakpoint_hook(void)
{
    static PyMethodDef method = {"breakpointhook", (PyCFunction)(void (*)(void))breakpoint_hook, METH_FASTCALL | METH_KEYWORDS,
                                 "breakpointhook(*args, **kws)\n\nThis hook function is called by built-in breakpoint().\n"};
    PyObject *hook = breakpoints_stop ? PyCFunction_New(&method, NULL) : NULL;
    bool good = !breakpoints_stop || (hook != NULL && PySys_SetObject("breakpointhook", hook) == 0);
    Py_XDECREF(hook);
    return good;
}

/* At the end of an event after breakpoint() was called: whether it is the one to stop at, the next line of that
 * thread; or the end of all that is recorded of it. */
static bool is_after_breakpoint(uint8_t event)
{
    if (breakpoint_called == NULL || breakpoint_called != current_thread() || stops_over) {
        return false;
    }
    bool last = event == EV_RETURN && R.thread != NULL && R.thread->top == NULL;
    if (event != EV_LINE && !last) {
        return false;
    }
    breakpoint_called = NULL;
    snprintf(stop_remark, sizeof stop_remark, "breakpoint()");
    return true;
}
