/* Names in the namespaces of modules, classes and functions that keep theirs in a dict. */
#include "recorder.h"
#include "hashing.h"

/* Names stored lately in namespaces, so that a line in a loop doesn't write them again unchanged. */
#define NAME_CACHE 8192
static struct { uint64_t key, hash; } *stored_names;

static inline uint64_t key_of_name(const Entry *space, PyObject *name)
{
    return mix(space->id, (uint64_t)((PyASCIIObject *)name)->hash); /* which of two takes a place must not depend on addresses */
}

/* A name is written with others, all at once. */
static void note_name(const Entry *space, PyObject *name, PyObject *value)
{
    uint64_t key = key_of_name(space, name);
    size_t place = key & (NAME_CACHE - 1);
    stored_names[place].key = key;
    stored_names[place].hash = value_hash(value, 0);
}

/* It is written again, whatever it was. */
static void forget_name(const Entry *space, PyObject *name)
{
    stored_names[key_of_name(space, name) & (NAME_CACHE - 1)].hash = 0;
}

/* Whether it wasn't known yet. */
static bool write_value_of_name(Entry *space, PyObject *name, PyObject *value)
{
    uint64_t key = key_of_name(space, name), hash = value != NULL ? value_hash(value, 0) : 0;
    size_t place = key & (NAME_CACHE - 1);
    bool is_new = stored_names[place].key != key;
    if (!is_new && stored_names[place].hash == hash) {
        return false;
    }
    if (value == NULL && is_new) {
        return true; /* never seen, and not there */
    }
    stored_names[place].key = key;
    stored_names[place].hash = hash;
    put_byte(value != NULL ? OB_SETKEY : OB_DELKEY);
    put_unsigned(space->id);
    put_byte(PART_PAIRS);
    put_key(name, 0);
    if (value != NULL) {
        put_named_value(name, value, 0);
    }
    bool first = space->epoch != R.epoch;
    note_written(space, 1);
    if (space->epochs >= SNAPSHOT_EPOCHS || restate_due(space, (size_t)((PyDictObject *)space->object)->ma_used, first)) {
        put_contents(space, OB_SNAPSHOT);
    }
    return is_new;
}

static inline void write_name(Entry *space, PyObject *name) { write_value_of_name(space, name, dict_find(space->object, name)); }

static Entry *namespace_entry(PyObject *dict)
{
    if (dict == NULL || !PyDict_Check(dict)) {
        return NULL;
    }
    TypeInfo *info = type_info(Py_TYPE(dict));
    if (!info->tracked) {
        return NULL;
    }
    current_depth = 0;
    Entry *entry = find_entry(dict);
    if (entry != NULL) {
        return entry; /* where the program itself has it as a value it stays a dict like any other */
    }
    entry = entry_of(dict, info);
    if (entry != NULL) {
        entry->flags |= ENTRY_NAMESPACE;
        watch_space(entry);
    }
    return entry;
}

static __attribute__((noinline)) PyObject *find_global(GlobalRead *read, PyObject *globals)
{
    PyDictObject *dict = (PyDictObject *)globals;
    Pair pair;
    if (read->place == -2 - dict_end(dict)) {
        return NULL; /* a builtin, or not there yet */
    }
    Py_ssize_t place = dict_place(dict, read->name);
    if (place >= 0 && dict_entry(dict, place, &pair)) {
        read->place = place;
        return pair.value;
    }
    read->place = -2 - dict_end(dict);
    return NULL;
}

/* A value that a global or a builtin name has now; NULL where it isn't bound. */
static inline PyObject *read_global(GlobalRead *read, PyObject *globals)
{
    PyDictObject *dict = (PyDictObject *)globals;
    Pair pair;
    if (LIKELY(read->place >= 0 && read->place < dict_end(dict) && dict_entry(dict, read->place, &pair) && pair.key == read->name)) {
        return pair.value;
    }
    return find_global(read, globals);
}

/* Functions, builtin classes and modules: nearly all that global names stand for. */
static inline bool is_inert(PyObject *value)
{
    PyTypeObject *type = Py_TYPE(value);
    return type == &PyFunction_Type || type == &PyCFunction_Type || type == &PyType_Type || type == &PyModule_Type;
}

/* What a line stored in a namespace: the names that it may have stored, or whatever changed where
 * it may have stored any. */
static void write_names(Entry *space, const LineInfo *line, PyObject **names, int count, const Where *where)
{
    if (space->flags & ENTRY_PENDING) {
        return;
    }
    if (!(space->flags & ENTRY_NAMESPACE)) {
        check_entry(space, where);
    }
    else if (line->flags & LINE_ALL_NAMES) {
        put_contents(space, OB_SNAPSHOT);
    }
    else {
        for (int i = 0; i < count; i++) {
            write_name(space, names[i]);
        }
        if (!where->loose) {
            remember_space(space); /* nothing else has stored there */
        }
    }
}

/* A line that sets attributes has a module at hand: what it may have set there are variables of that module. */
static void write_module_names(PyObject *module, const Where *where)
{
    PyObject *dict = PyModule_GetDict(module);
    Entry *space = dict != NULL ? find_entry(dict) : NULL;
    if (space != NULL) {
        write_names(space, where->line, where->line->attributes, where->line->attribute_count, where);
    }
}

/* Whether a line can change anything through a value that is a global: not through most functions and classes. */
static inline bool is_of_interest(PyObject *value, const Where *where)
{
    PyTypeObject *type = Py_TYPE(value);
    if (type == &PyFunction_Type) {
        return (where->line != NULL && where->line->attribute_count > 0) ||
               (where->loose && ((PyFunctionObject *)value)->func_closure != NULL);
    }
    if (PyCFunction_Check(value)) {
        PyObject *self = ((PyCFunctionObject *)value)->m_self;
        return self != NULL && Py_TYPE(self) != &PyModule_Type;
    }
    if (type == &PyType_Type) {
        return ((PyTypeObject *)value)->tp_flags & Py_TPFLAGS_HEAPTYPE && type_info((PyTypeObject *)value)->user;
    }
    return type != &PyModule_Type || (where->line != NULL && where->line->flags & (LINE_SETS_ATTRIBUTE | LINE_ALL_NAMES));
}

static void write_namespaces(Shadow *shadow, LineInfo *line, const Where *where)
{
    Frame *frame = shadow->frame;
    Entry *space = shadow->namespace_entry;
    PyObject *globals = frame_globals(frame);
    if (space != NULL) {
        write_names(space, line, line->stored_names, line->stored_name_count, where);
        for (int i = 0; i < line->stored_name_count; i++) {
            look_at_value(dict_find(space->object, line->stored_names[i]), where, 0);
        }
        for (int i = 0; i < line->global_count; i++) {
            PyObject *value = dict_find(space->object, line->globals[i].name);
            look_at_value(value, where, 0);
        }
    }
    if (line->stored_global_count > 0 || (space == NULL && (line->flags & LINE_ALL_NAMES))) {
        Entry *entry = namespace_entry(globals);
        if (entry != NULL) {
            write_names(entry, line, line->stored_globals, line->stored_global_count, where);
        }
    }
    if (space == NULL && globals != NULL && PyDict_CheckExact(globals)) {
        for (int i = 0; i < line->global_count; i++) {
            PyObject *value = read_global(&line->globals[i], globals);
            if (value != NULL && is_of_interest(value, where)) {
                look_at_value(value, where, 0);
            }
        }
    }
}
