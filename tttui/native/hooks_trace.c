/* CPython 3.11: PyEval_SetTrace. The object behind sys.gettrace() puts the tracer back when the
 * program restores it. New threads have it from the moment they are made; those that C code makes are noticed at the next
 * event of another. */
#include "recorder.h"

#if !USE_MONITORING

static int trace(PyObject *self, PyFrameObject *frame_object, int what, PyObject *argument);

typedef struct {
    PyObject_HEAD
} Tracer;

static PyObject *tracer_object;
static PyThreadState *newest_thread; /* compared only */
static void trace_threads(void);

/* As _PyEval_SetTrace() does, but without telling the program's audit hooks, which may also forbid it. */
static void set_tracer(PyThreadState *state, Py_tracefunc function, PyObject *object)
{
    PyObject *old = state->c_traceobj;
    state->c_tracefunc = function;
    state->c_traceobj = Py_XNewRef(object);
    state->cframe->use_tracing = function != NULL || state->c_profilefunc != NULL ? 255 : 0;
    Py_XDECREF(old);
}

/* sys.settrace(sys.gettrace()) comes here with the first event. */
static PyObject *tracer_call(PyObject *self, PyObject *arguments, PyObject *keywords)
{
    PyObject *frame_object, *what, *argument;
    if (!PyArg_ParseTuple(arguments, "OOO", &frame_object, &what, &argument)) {
        return NULL;
    }
    set_tracer(current_thread(), trace, tracer_object);
    if (PyFrame_Check(frame_object) && PyUnicode_Check(what) && PyUnicode_CompareWithASCIIString(what, "call") == 0) {
        trace(self, (PyFrameObject *)frame_object, PyTrace_CALL, Py_None);
    }
    return Py_NewRef(self);
}

static PyTypeObject tracer_type = {
    PyVarObject_HEAD_INIT(NULL, 0)
    .tp_name = "tttui.native.recorder.Tracer",
    .tp_basicsize = sizeof(Tracer),
    .tp_flags = Py_TPFLAGS_DEFAULT,
    .tp_call = tracer_call,
    .tp_doc = "Records this thread.",
};

static Thread *known_thread(void)
{
    PyThreadState *state = current_thread();
    for (Thread *thread = R.threads; thread != NULL; thread = thread->next) {
        if (thread->state == state && thread->state_id == state->id) {
            return thread;
        }
    }
    return NULL;
}

/* The exception that leaves a frame: the tracer is called with it put away. It is the one that was raised in the
 * frame since its last line, else the one that was being handled at that line, raised again there. */
static PyObject *exception_in_flight(Frame *frame)
{
    Thread *thread = known_thread();
    Shadow *top = thread != NULL ? thread->top : NULL;
    if (top == NULL || top->frame != frame) {
        return NULL;
    }
    if (thread->raised_in == frame) {
        return thread->raising;
    }
    return top->exception != NULL && find_entry(top->exception) != NULL ? top->exception : NULL;
}

/* A line begins in a frame in which exceptions were raised: which of them is being handled now. Where that
 * is about to be put away to be handled, it is still the one that was raised. */
static inline void note_handled(PyThreadState *state, Frame *frame)
{
    Shadow *top = R.thread != NULL && R.thread->state == state ? R.thread->top : NULL;
    if (UNLIKELY(top != NULL && top->exception != NULL) && top->frame == frame && _Py_OPCODE(*frame->prev_instr) != PUSH_EXC_INFO) {
        PyObject *handled = state->exc_info->exc_value;
        top->exception = handled != Py_None ? handled : NULL;
    }
}

/* The end of an iterator in a for loop, or of what is awaited: a StopIteration that the instruction itself
 * takes, and frees at once, so that no handler ever sees it. */
static bool is_swallowed(Frame *frame, PyObject *exception)
{
    int opcode = _Py_OPCODE(*frame->prev_instr);
    return (opcode == FOR_ITER || opcode == SEND) && exception != NULL &&
           PyObject_TypeCheck(exception, (PyTypeObject *)PyExc_StopIteration);
}

static int trace(PyObject *self, PyFrameObject *frame_object, int what, PyObject *argument)
{
    if (UNLIKELY(!R.active || R.inside)) {
        return 0;
    }
    if (UNLIKELY(newest_thread_of(R.interpreter) != newest_thread)) {
        trace_threads(); /* one has just been made, and still waits for the GIL */
    }
    PyThreadState *state = current_thread();
    Frame *frame = frame_object->f_frame;
    PyCodeObject *code = frame->f_code;
    CodeInfo *info = code_info(code, frame->f_globals);
    if (LIKELY(!info->recorded)) {
        return 0;
    }
    Thread *thread;
    switch (what) {
    case PyTrace_LINE: {
        int line = unit_line(info, frame_lasti(frame, code));
        if (line < 0) {
            return 0;
        }
        thread = R.thread;
        if (UNLIKELY(thread != NULL && thread->raised_in == frame && thread->state == state)) {
            /* The exception that was raised here a moment ago has found a handler in this frame; it
             * lives on the frame's stack. */
            on_exception(EV_HANDLED, state, frame, code, info, thread->raising, frame_lasti(frame, code), line,
                         false);
        }
        on_line(state, frame, code, info, line);
        note_handled(state, frame);
        return 0;
    }
    case PyTrace_CALL: {
        int opcode = _Py_OPCODE(*frame->prev_instr), oparg = _Py_OPARG(*frame->prev_instr);
        opcode = opcode == RESUME_QUICK ? RESUME : opcode;
        if (opcode == RESUME && (oparg & 3) == 0) {
            on_call(state, frame, code, info);
        }
        else if (opcode == RESUME) {
            on_resume(state, frame, code, info, NULL);
        }
        else if ((thread = known_thread()) != NULL) {
            thread->thrown_into = frame; /* the exception comes with the next event */
        }
        return 0;
    }
    case PyTrace_RETURN:
        if (argument == NULL) {
            on_exception(EV_UNWIND, state, frame, code, info, exception_in_flight(frame), frame_lasti(frame, code),
                         unit_line(info, frame_lasti(frame, code)), false);
        }
        else if (_Py_OPCODE(*frame->prev_instr) == YIELD_VALUE) {
            on_yield(state, frame, code, info, argument);
        }
        else {
            on_return(state, frame, code, info, argument);
        }
        return 0;
    case PyTrace_EXCEPTION:
        if (PyTuple_Check(argument) && PyTuple_GET_SIZE(argument) == 3) {
            thread = known_thread();
            if (thread != NULL && thread->thrown_into == frame) {
                thread->thrown_into = NULL;
                on_resume(state, frame, code, info, PyTuple_GET_ITEM(argument, 1));
            }
            on_exception(EV_RAISE, state, frame, code, info, PyTuple_GET_ITEM(argument, 1), frame_lasti(frame, code),
                         unit_line(info, frame_lasti(frame, code)), is_swallowed(frame, PyTuple_GET_ITEM(argument, 1)));
        }
        return 0;
    default:
        return 0;
    }
}

/* Let every thread begin with our tracer, unless it has one. */
static void trace_threads(void)
{
    PyThreadState *state = newest_thread = PyInterpreterState_ThreadHead(R.interpreter);
    for (; state != NULL; state = PyThreadState_Next(state)) {
        if (state->c_tracefunc == NULL) {
            set_tracer(state, trace, tracer_object);
        }
    }
}

/* ---- threads that are started: they are traced before the starter can lose the GIL to them ---- */

static const char *const starts[] = {"start_new_thread", "start_new"}; /* two names of one function */
static PyMethodDef *start_methods[sizeof starts / sizeof *starts];
static PyCFunction start_thread;

static PyObject *start_traced_thread(PyObject *module, PyObject *arguments)
{
    PyObject *result = start_thread(module, arguments);
    if (result != NULL && R.active) {
        trace_threads();
    }
    return result;
}

/* Whoever has a reference to the function calls what its definition names. */
static void watch_starts(void)
{
    PyObject *module = PyImport_ImportModule("_thread"); /* built in, and imported already */
    for (size_t i = 0; i < sizeof starts / sizeof *starts && module != NULL; i++) {
        PyObject *function = PyDict_GetItemString(PyModule_GetDict(module), starts[i]);
        if (function != NULL && PyCFunction_CheckExact(function) && PyCFunction_GET_FLAGS(function) == METH_VARARGS) {
            PyMethodDef *method = ((PyCFunctionObject *)function)->m_ml;
            start_thread = method->ml_meth != start_traced_thread ? method->ml_meth : start_thread;
            start_methods[i] = method;
            method->ml_meth = start_traced_thread;
        }
    }
    Py_XDECREF(module);
    PyErr_Clear();
}

static void leave_starts(void)
{
    for (size_t i = 0; i < sizeof starts / sizeof *starts; i++) {
        if (start_methods[i] != NULL) {
            start_methods[i]->ml_meth = start_thread;
            start_methods[i] = NULL;
        }
    }
}

static void watch_code(PyCodeObject *code) { (void)code; }

static int install_hooks(bool early)
{
    if (tracer_object == NULL) {
        if (PyType_Ready(&tracer_type) != 0) {
            return -1;
        }
        tracer_object = PyObject_New(PyObject, &tracer_type);
        if (tracer_object == NULL) {
            return -1;
        }
    }
    watch_starts();
    trace_threads();
    return 0;
}

static void remove_hooks(void)
{
    leave_starts();
    PyThreadState *state = PyInterpreterState_ThreadHead(R.interpreter);
    for (; state != NULL; state = PyThreadState_Next(state)) {
        if (state->c_tracefunc == trace) {
            set_tracer(state, NULL, NULL);
        }
    }
}

#endif
