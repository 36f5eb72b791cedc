/* Tasks: which one the events of a thread belong to, and what it is called. */
#include "recorder.h"

/* asyncio's own class of tasks, of which nothing can be replaced: its methods run no code of the program. */
static bool is_own_task(PyObject *object)
{
    return object != NULL && PyType_HasFeature(Py_TYPE(object), Py_TPFLAGS_IMMUTABLETYPE) &&
           strcmp(Py_TYPE(object)->tp_name, "_asyncio.Task") == 0;
}

/* The asyncio task that this thread is at (borrowed); NULL where there is none, or it isn't known. */
static PyObject *running_task(void)
{
#if PY_VERSION_HEX >= 0x030e0000
    return ((_PyThreadStateImpl *)current_thread())->asyncio_running_task;
#else
    PyObject *name = PyUnicode_FromString("_asyncio");
    PyObject *module = name != NULL ? PyImport_GetModule(name) : NULL;
    PyObject *found = NULL, *loop = NULL;
    Py_XDECREF(name);
    if (module != NULL && PyModule_CheckExact(module)) {
        PyObject *names = PyModule_GetDict(module);
        PyObject *tasks = PyDict_GetItemString(names, "_current_tasks"), *get_loop = PyDict_GetItemString(names, "_get_running_loop");
        if (tasks != NULL && PyDict_CheckExact(tasks) && get_loop != NULL && PyCFunction_CheckExact(get_loop)) {
            loop = PyObject_CallNoArgs(get_loop);
            PyObject *key, *value;
            for (Py_ssize_t at = 0; loop != NULL && found == NULL && PyDict_Next(tasks, &at, &key, &value);) {
                found = key == loop ? value : NULL; /* a loop's own __eq__ must not be asked */
            }
        }
    }
    Py_XDECREF(loop);
    Py_XDECREF(module);
    return found;
#endif
}

/* The name that the program gave the running task (a new reference); NULL where it gave none. */
static PyObject *given_task_name(void)
{
    PyObject *task = running_task();
    PyObject *name = is_own_task(task) ? PyObject_CallMethod(task, "get_name", NULL) : NULL;
    if (name == NULL || !PyUnicode_CheckExact(name)) {
        Py_XDECREF(name);
        return NULL;
    }
    const char *text = PyUnicode_AsUTF8(name);
    const char *number = text != NULL && strncmp(text, "Task-", 5) == 0 ? text + 5 : NULL;
    if (number != NULL && *number != 0 && number[strspn(number, "0123456789")] == 0) {
        Py_CLEAR(name); /* asyncio's own: its function says more */
    }
    return name;
}

static void put_task_name(PyCodeObject *code)
{
    PyObject *kept[3];
    PyErr_Fetch(&kept[0], &kept[1], &kept[2]);
    PyObject *name = given_task_name();
    PyErr_Clear();
    if (name != NULL) {
        put_text(name);
        Py_DECREF(name);
    }
    else if (code != NULL) {
        put_text(code->co_qualname);
    }
    else {
        put_c_text("");
    }
    PyErr_Restore(kept[0], kept[1], kept[2]);
}

/* Whether a coroutine begins a task while another is running: an eager one takes its first step at once (from Python 3.12). */
static bool begins_eagerly(const Shadow *shadow, const Shadow *awaiting)
{
#if PY_VERSION_HEX >= 0x030c0000
    bool awaited = !frame_is_entry(shadow->frame) && frame_caller(shadow->frame) == awaiting->frame;
    const PyObject *running = awaited ? NULL : running_task();
    return running != NULL && running != awaiting->root->running;
#else
    (void)shadow, (void)awaiting;
    return false;
#endif
}

/* A frame begins or goes on, called by the one below it: it belongs to the task of that, or a coroutine to its own. */
static inline void find_root(Shadow *shadow)
{
    const Shadow *caller = shadow->parent;
    Shadow *root = caller != NULL ? caller->root : NULL;
    if (UNLIKELY(shadow->code->coroutine) && (root == NULL || begins_eagerly(shadow, caller))) {
        root = shadow;
        if (shadow->task == 0) {
            shadow->running = running_task();
        }
    }
    shadow->root = root;
}

static __attribute__((noinline)) void note_task_of(Thread *thread, Shadow *root)
{
    if (root != NULL && root->task == 0) {
        root->task = ++R.task_count;
        put_byte(DEF_TASK);
        put_unsigned(root->task);
        put_task_name(frame_code(root->frame));
    }
    uint64_t task = root != NULL ? root->task : 0;
    if (task != thread->task) {
        thread->task = task;
        if (R.active) {
            put_byte(ST_TASK);
            put_unsigned(task);
        }
    }
}

/* The current frame is another one now: say so where its task is, too. */
static inline __attribute__((always_inline)) void note_task(Thread *thread)
{
    Shadow *root = thread->top != NULL ? thread->top->root : NULL;
    if (UNLIKELY(root != NULL || thread->task != 0)) {
        note_task_of(thread, root);
    }
}
