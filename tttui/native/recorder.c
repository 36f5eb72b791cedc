/* tttui.native.recorder: the recorder as a module of the program that is recorded. One translation
 * unit, so that the compiler sees the whole path from the hook to the ring. */
#include "recorder.h"



#include "produce.c"

#include "verify.c"

#include "definitions.c"

#include "types.c"

#include "identity.c"

#include "lookup.c"

#include "renaming.c"

#include "secrets.c"

#include "standard.c"

#include "kinds.c"

#include "fingerprints.c"

#include "values.c"

#include "entries.c"

#include "contents.c"

#include "arrays.c"

#include "methods.c"

#include "keys.c"

#include "snapshots.c"

#include "changes.c"

#include "large.c"

#include "wanderers.c"

#include "links.c"

#include "look.c"

#include "explaining.c"

#include "following.c"

#include "stops.c"

#include "acting.c"

#include "sources.c"

#include "scope.c"

#include "brief.c"

#include "instructions.c"

#include "operands.c"

#include "operand_calls.c"

#include "operand_joins.c"

#include "operand_steps.c"

#include "lines.c"

#include "codes.c"

#include "tasks.c"

#include "shadows.c"

#include "slots.c"

#include "namespaces.c"

#include "outcomes.c"

#include "given.c"

#include "worked_out.c"

#include "variables.c"

#include "keyframes.c"

#include "stacks.c"

#include "relabelling.c"

#include "events.c"

#include "replacing.c"

#include "waits.c"

#include "output.c"

#include "copying.c"

#include "suspects.c"

#include "inputs.c"

#include "elsewhere.c"

#include "clock.c"

#include "libc_inputs.c"

#include "answers.c"

#include "threads.c"

#include "filter.c"

#include "held_files.c"

#include "likeness.c"

#include "listings.c"

#include "own_files.c"

#include "not_yet.c"

#include "effects.c"

#include "files.c"

#include "locks.c"

#include "sockets.c"

#include "signals.c"

#include "watching.c"

#include "due.c"

#include "evaluating.c"

#include "universe.c"

#include "serving.c"

#include "checkpoint.c"

#include "letting_out.c"

#include "live.c"

#include "on_the_way.c"

#include "again.c"

#include "hooks_monitoring.c"

#include "hooks_trace.c"

Recorder R;

/* ---- options: "key=value" lines that the launcher wrote into the ring's header ---- */

static void read_options(void)
{
    static char options[sizeof R.ring->options];
    memcpy(options, R.ring->options, sizeof options);
    options[sizeof options - 1] = 0;
    R.max_items = 1000;
    R.max_depth = 20;
    R.max_string = 4096;
    include_count = exclude_count = secret_name_count = 0;
    redacting = true;
    record_all = false;
    policy.socket[0] = again.socket[0] = 0;
    again.program = again.parent = again.group = again.session = 0;
    policy.least_ns = 0;
    again.running = false;
    stop_count = 0;
    breakpoints_stop = stops_over = false;
    char *rest = options, *line;
    while ((line = strsep(&rest, "\n")) != NULL) {
        char *value = strchr(line, '=');
        if (value == NULL) {
            continue;
        }
        *value++ = 0;
        long number = strtol(value, NULL, 10);
        if (strcmp(line, "max_items") == 0 && number >= 0) {
            R.max_items = number < 100000 ? number : 100000;
        }
        else if (strcmp(line, "max_depth") == 0 && number >= 0) {
            R.max_depth = number < 200 ? number : 200;
        }
        else if (strcmp(line, "max_string") == 0 && number >= 0) {
            R.max_string = number < 48000 ? number : 48000; /* one fits a record's slack, in UTF-8 */
        }
        else if (strcmp(line, "all") == 0) {
            record_all = number != 0;
        }
        else if (strcmp(line, "redacting") == 0) {
            redacting = number != 0;
        }
        else if (strcmp(line, "redact") == 0 && secret_name_count < SECRET_NAMES) {
            secret_names[secret_name_count++] = value;
        }
        else if (strcmp(line, "checkpoint_socket") == 0 && strlen(value) < sizeof policy.socket) {
            memcpy(policy.socket, value, strlen(value) + 1);
        }
        else if (strcmp(line, "again_socket") == 0 && strlen(value) < sizeof again.socket) {
            memcpy(again.socket, value, strlen(value) + 1);
        }
        else if (strcmp(line, "again_ids") == 0) {
            sscanf(value, "%d:%d:%d:%d", &again.program, &again.parent, &again.group, &again.session);
        }
        else if (strcmp(line, "checkpoint_ms") == 0 && number >= 0) {
            policy.least_ns = (uint64_t)number * 1000000ULL;
        }
        else if (strcmp(line, "stop") == 0) {
            add_stop(value, number);
        }
        else if (strcmp(line, "breakpoint") == 0) {
            breakpoints_stop = number != 0;
        }
        else if (strcmp(line, "include") == 0 && include_count < MAX_PATTERNS) {
            include_patterns[include_count++] = value;
        }
        else if (strcmp(line, "exclude") == 0 && exclude_count < MAX_PATTERNS) {
            exclude_patterns[exclude_count++] = value;
        }
    }
}

/* ---- what the interpreter tells of itself ---- */

static int audit(const char *event, PyObject *arguments, void *data)
{
    if (!R.active || R.inside) {
        return 0;
    }
    PyThreadState *thread = current_thread();
    if (thread == NULL || thread->interp != R.interpreter || is_aside(thread)) {
        return 0;
    }
    if (strcmp(event, "compile") == 0 && PyTuple_Check(arguments) && PyTuple_GET_SIZE(arguments) == 2) {
        PyObject *text = PyTuple_GET_ITEM(arguments, 0), *name = PyTuple_GET_ITEM(arguments, 1);
        if (!is_text(name) || PyUnicode_GET_LENGTH(name) == 0 || PyUnicode_READ_CHAR(name, 0) != '<') {
            return 0;
        }
        Frame *frame = thread_frame(thread);
        while (frame != NULL && frame_is_shim(frame)) {
            frame = frame->previous;
        }
        PyCodeObject *code = frame != NULL ? frame_code(frame) : NULL;
        bool recorded = code == NULL || code_info(code, frame_globals(frame))->recorded;
        if (PyBytes_CheckExact(text)) {
            note_compiled(name, PyBytes_AS_STRING(text), (size_t)PyBytes_GET_SIZE(text), recorded);
        }
        else if (PyUnicode_CheckExact(text)) {
            Py_ssize_t size;
            const char *bytes = PyUnicode_AsUTF8AndSize(text, &size);
            if (bytes == NULL) {
                PyErr_Clear();
            }
            else {
                note_compiled(name, bytes, (size_t)size, recorded);
            }
        }
        else if (recorded) { /* a tree: there is no text, but the code is the user's */
            note_compiled(name, "", 0, true);
        }
    }
    return 0;
}

static void before_fork(void)
{
    if (R.active) {
        __atomic_add_fetch(&R.ring->forks, 1, __ATOMIC_RELAXED);
    }
}

/* A child of the program isn't recorded, and must never touch the parent's ring. */
static void after_fork_in_child(void)
{
    R.active = false;
    R.ring = NULL;
}

/* ---- the module ---- */

/* Forget everything of an earlier recording of this process: this one defines its own. */
static void start_afresh(void)
{
    for (size_t i = 0; i < entry_capacity; i++) {
        if (entries[i] != NULL) {
            release_entry(entries[i]);
            entries[i] = NULL;
        }
    }
    entry_count = 0;
    for (size_t i = 0; i < type_capacity; i++) {
        if (types[i] != NULL) {
            free(types[i]->members);
            free(types[i]);
            types[i] = NULL;
        }
    }
    types_used = 0;
    for (size_t i = 0; i < suspended_capacity; i++) {
        for (Shadow *each = suspended[i], *next; each != NULL; each = next) {
            next = each->next;
            free_shadow(each);
        }
        suspended[i] = NULL;
    }
    suspended_count = 0;
    for (Thread *thread = R.threads, *next; thread != NULL; thread = next) {
        next = thread->next;
        for (Shadow *shadow = thread->top, *parent; shadow != NULL; shadow = parent) {
            parent = shadow->parent;
            free_shadow(shadow);
        }
        free(thread);
    }
    if (seen_names != NULL) {
        memset(seen_names, 0, name_capacity * sizeof *seen_names);
    }
    if (seen_files != NULL) {
        memset(seen_files, 0, file_capacity * sizeof *seen_files);
    }
    memset(seen_texts, 0, TEXT_CACHE * sizeof *seen_texts);
    memset(seen_tags, 0, sizeof seen_tags);
    memset(stored_names, 0, NAME_CACHE * sizeof *stored_names);
    forget_secrets();
    settle_renamed();
    uint32_t run = R.run + 1;
    Pending *queue = R.queue;
    size_t capacity = R.queue_capacity;
    PyInterpreterState *interpreter = R.interpreter;
    PyObject *builtins = R.builtins;
    memset(&R, 0, sizeof R);
    R.run = run;
    R.queue = queue;
    R.queue_capacity = capacity;
    R.interpreter = interpreter;
    R.builtins = builtins;
}

static bool prepare(void)
{
    static bool prepared;
    if (prepared) {
        return true;
    }
    extra_index = request_code_extra(free_code_extra);
    seen_texts = calloc(TEXT_CACHE, sizeof(SeenText));
    deaths = calloc(FIRST_DEATHS, sizeof *deaths);
    deaths_mask = FIRST_DEATHS - 1;
    stored_names = calloc(NAME_CACHE, sizeof *stored_names);
    text_name = PyUnicode_InternFromString("__name__");
    name_notes = PyUnicode_InternFromString("__notes__");
    name_by_value = PyUnicode_InternFromString("_value2member_map_");
    name_cause = PyUnicode_InternFromString("__cause__");
    name_context = PyUnicode_InternFromString("__context__");
    if (extra_index < 0 || seen_texts == NULL || deaths == NULL || stored_names == NULL || text_name == NULL || name_notes == NULL ||
        name_cause == NULL || name_context == NULL || name_by_value == NULL) {
        return false;
    }
    if (PySys_AddAuditHook(audit, NULL) != 0 || pthread_atfork(before_fork, note_forked, after_fork_in_child) != 0) {
        return false;
    }
    prepared = true;
    return true;
}

static PyObject *start(PyObject *module, PyObject *arguments)
{
    const char *path;
    PyObject *prefixes;
    int early = 0;
    if (!PyArg_ParseTuple(arguments, "sO!|p:start", &path, &PyTuple_Type, &prefixes, &early)) {
        return NULL;
    }
    if (R.active) {
        PyErr_SetString(PyExc_RuntimeError, "this process is being recorded already");
        return NULL;
    }
    static PyObject *kept_prefixes; /* the strings below live in it */
    Py_XSETREF(kept_prefixes, Py_NewRef(prefixes));
    library_count = 0;
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(prefixes) && library_count < 32; i++) {
        const char *prefix = PyUnicode_AsUTF8(PyTuple_GET_ITEM(prefixes, i));
        if (prefix == NULL) {
            return NULL;
        }
        library_prefixes[library_count++] = prefix;
    }
    R.interpreter = PyInterpreterState_Get();
    R.builtins = PyEval_GetBuiltins();
    if (!prepare()) {
        return PyErr_Occurred() ? NULL : PyErr_NoMemory();
    }
    RingHeader *old = R.ring;
    uint8_t *old_data = R.data;
    uint64_t old_capacity = R.capacity;
    start_afresh();
    if (old != NULL) {
        munmap(old_data, 2 * old_capacity);
        munmap(old, RING_HEADER_SIZE);
    }
    if (map_ring(path) != 0) {
        return PyErr_SetFromErrnoWithFilename(PyExc_OSError, path);
    }
    read_options();
    R.ring->python_hex = PY_VERSION_HEX;
    R.ring->program_pid = getpid();
    R.ring->main_thread = (uint64_t)pthread_self();
    memcpy(R.ring->hash_secret, &_Py_HashSecret, sizeof R.ring->hash_secret);
    R.ring->start_clock = clock_ns(CLOCK_MONOTONIC);
    R.ring->start_wall = clock_ns(CLOCK_REALTIME);
    R.last_time = R.ring->start_clock;
    if (!watch_all_classes()) {
        return NULL;
    }
    watch_builtin_deaths();
    watch_names();
    watch_output();
    prepare_checkpoints();
    R.active = R.inside = true;
    bool installed = install_hooks(early && python_threads() == 1) == 0 && install_breakpoint_hook();
    R.inside = false;
    if (!installed) {
        R.active = false;
        return NULL;
    }
    __atomic_store_n(&R.ring->attached, 1, __ATOMIC_RELEASE);
    if (again.socket[0] != 0) {
        begin_again();
    }
    Py_RETURN_NONE;
}

static PyObject *stop(PyObject *module, PyObject *ignored)
{
    if (R.active) {
        stop_recording(GAP_STOPPED);
        remove_hooks();
    }
    Py_RETURN_NONE;
}

static PyMethodDef methods[] = {
    {"start", start, METH_VARARGS, "start(ring_path, library_prefixes, early=False): record this process into a ring."},
    {"stop", stop, METH_NOARGS, "stop(): stop recording, for good."},
    {NULL, NULL, 0, NULL},
};

static int execute(PyObject *module)
{
    unsigned long version = Py_Version;
    if (version >> 16 != PY_VERSION_HEX >> 16) {
        PyErr_Format(PyExc_ImportError, "tttui was built for Python %d.%d", PY_MAJOR_VERSION, PY_MINOR_VERSION);
        return -1;
    }
    return 0;
}

static PyModuleDef_Slot slots[] = {
    {Py_mod_exec, execute},
#if PY_VERSION_HEX >= 0x030c0000
    {Py_mod_multiple_interpreters, Py_MOD_MULTIPLE_INTERPRETERS_NOT_SUPPORTED},
#endif
    {0, NULL},
};

static struct PyModuleDef definition = {
    PyModuleDef_HEAD_INIT,
    .m_name = "tttui.native.recorder",
    .m_doc = "The recorder, inside the program that is recorded.",
    .m_size = 0,
    .m_methods = methods,
    .m_slots = slots,
};

PyMODINIT_FUNC PyInit_recorder(void) { return PyModuleDef_Init(&definition); }
