/* Evaluates in a copy, or in the program where it is paused: by inside.py, in a frame of recorded code. */
#include "recorder.h"
#include "checkpoint.h"

#include <frameobject.h>

static void let_effects_out(const int terminal[3]);

/* While it runs, anything that comes over the socket, its end above all, means that nobody waits for
 * the answer any more. */
static void end_when_unwanted(bool wanted)
{
    int flags = (int)own_call(SYS_fcntl, copied.control, F_GETFL, 0);
    own_call(SYS_fcntl, copied.control, F_SETOWN, own_call(SYS_getpid));
    own_call(SYS_fcntl, copied.control, 10 /* F_SETSIG */, SIGKILL);
    own_call(SYS_fcntl, copied.control, F_SETFL, wanted ? flags | O_ASYNC : flags & ~O_ASYNC);
    struct { int fd; short events, revents; } state = {copied.control, 0, 0};
    struct timespec now = {0, 0};
    if (wanted && own_call(SYS_ppoll, &state, 1, &now, NULL, 8) > 0) {
        leave_copy(0); /* it ended before */
    }
}

/* The frame of recorded code number `index`, from the innermost outwards; a new reference or NULL. */
static PyFrameObject *recorded_frame(uint64_t index)
{
    PyFrameObject *frame = PyThreadState_GetFrame(current_thread());
    while (frame != NULL) {
        PyCodeObject *code = PyFrame_GetCode(frame);
        PyObject *globals = PyFrame_GetGlobals(frame);
        bool recorded = code_info(code, globals)->recorded;
        Py_DECREF(globals);
        Py_DECREF(code);
        if (recorded && index-- == 0) {
            break;
        }
        PyFrameObject *back = PyFrame_GetBack(frame);
        Py_DECREF(frame);
        frame = back;
    }
    return frame;
}

/* One more field of an answer, in the form that inside.py's have. */
static size_t put_field(char *fields, size_t used, const char *name, const void *content, size_t length)
{
    if (length > 0) {
        size_t head = strlen(name);
        memcpy(fields + used, name, head);
        fields[used + head] = ' ';
        char *end = put_decimal(fields + used + head + 1, length);
        *end++ = '\n';
        memcpy(end, content, length);
        used = (size_t)(end - fields) + length;
    }
    return used;
}

/* Evaluate in a frame, by the function `answer` of inside.py, with whose source the text begins: its answer,
 * or NULL with an exception. */
static PyObject *evaluate_in_frame(uint64_t index, const char *text, size_t source_length, size_t length, bool keep)
{
    PyObject *answer = NULL;
    PyFrameObject *frame = recorded_frame(index);
    PyObject *space = PyDict_New();
    if (frame == NULL) {
        PyErr_SetString(PyExc_LookupError, "there is no such frame");
    }
    else if (space != NULL && source_length < length && PyDict_SetItemString(space, "__builtins__", R.builtins) == 0) {
        char *source = PyMem_Malloc(source_length + 1);
        PyObject *code = NULL, *done = NULL;
        if (source != NULL) {
            memcpy(source, text, source_length);
            source[source_length] = 0;
            code = Py_CompileString(source, "<tttui>", Py_file_input);
            PyMem_Free(source);
        }
        done = code != NULL ? PyEval_EvalCode(code, space, space) : NULL;
        PyObject *function = done != NULL ? PyDict_GetItemString(space, "answer") : NULL;
        if (function != NULL) {
            answer = PyObject_CallFunction(function, "Oy#", frame, text + source_length, (Py_ssize_t)(length - source_length));
        }
        Py_XDECREF(code);
        Py_XDECREF(done);
#if PY_VERSION_HEX < 0x030d0000
        if (keep) {
            PyFrame_LocalsToFast(frame, 1);
        }
#else
        (void)keep;
#endif
    }
    Py_XDECREF(space);
    Py_XDECREF((PyObject *)frame);
    return answer;
}

/* Say what came out; or, where nothing did, why. */
static void send_answer(PyObject *answer)
{
    if (answer != NULL && PyBytes_Check(answer)) {
        static char fields[MESSAGE_TEXT];
        size_t used = 0;
        used = put_field(fields, used, "held", effects.refused, strlen(effects.refused));
        used = put_field(fields, used, "written", effects.output, effects.output_length);
        size_t length = (size_t)PyBytes_GET_SIZE(answer);
        if (used + length <= sizeof fields) {
            memcpy(fields + used, PyBytes_AS_STRING(answer), length);
            used += length;
        }
        send_message(SAYS_RESULT, 0, NULL, fields, used);
    }
    else {
        PyObject *type, *value, *traceback;
        PyErr_Fetch(&type, &value, &traceback);
        PyObject *described = value != NULL ? PyObject_Str(value) : NULL;
        const char *said = described != NULL ? PyUnicode_AsUTF8(described) : NULL;
        say(SAYS_HELD, said != NULL ? said : "it could not be evaluated");
        Py_XDECREF(described);
        Py_XDECREF(type);
        Py_XDECREF(value);
        Py_XDECREF(traceback);
        PyErr_Clear();
    }
}

/* Evaluate in this copy. The program's state changes as the expression, or an import that it needs, wants it. */
static void evaluate(const Message *message, const char *text, size_t length)
{
    if (message->flags & LET_OUT) {
        let_effects_out((const int[3]){-1, -1, -1});
    }
    if (!hold_back(true)) {
        say(SAYS_HELD, NO_SECCOMP);
        return;
    }
    effects.refused[0] = 0;
    effects.output_length = 0;
    if (!effects.let_out) {
        hide_what_is_not_yet();
    }
    end_when_unwanted(true);
    set_mask(&copied.mask);
    get_along_without_threads(!effects.let_out, true); /* with system calls of libraries: SIGSYS has to come through */
    PyObject *kept[3];
    PyErr_Fetch(&kept[0], &kept[1], &kept[2]);
    PyObject *answer = evaluate_in_frame(message->a, text, message->b, length, message->flags & KEEP);
    end_when_unwanted(false); /* the next command may come as soon as the answer is out */
    send_answer(answer);
    Py_XDECREF(answer);
    PyErr_Restore(kept[0], kept[1], kept[2]);
}
