/* What the code of a frame has changed since its last event: variables, names in namespaces, objects that its line
 * could reach. */
#include "recorder.h"
#include "hashing.h"

/* Objects that are followed of what is given to code that isn't recorded. */
#define MOST_GIVEN 16

/* Whether the value of a slot may have content of its own: where not, lines need not look at it. */
static inline void note_holding(Shadow *shadow, int index, bool holds)
{
    if (LIKELY(index < 64 && index < shadow->code->cells_from)) {
        shadow->holding = (shadow->holding & ~(1ULL << index)) | (uint64_t)holds << index;
    }
}

/* Of the slots that a line reads, those of interest: in them is, or may by now be, what has content. */
static inline uint64_t slots_to_look_at(const Shadow *shadow, const LineInfo *line, int word)
{
    uint64_t bits = line->loads[word];
    return word == 0 ? bits & (shadow->holding | line->stores[0]) : bits;
}

static inline void count_slot(const Slot *slot, int change)
{
    if (slot->entry != NULL && slot->entry->object == slot->value && slot->entry->flags & ENTRY_WANDERS) {
        count_variable(slot->entry, change);
    }
}

static inline void remember_slot(Shadow *shadow, int index, PyObject *value)
{
    Slot *slot = &shadow->slots[index];
    shadow->words[index] = frame_word(shadow->frame, index);
    if (UNLIKELY(wanderer_count > 0)) {
        count_slot(slot, -1);
    }
    slot->value = value;
    slot->entry = NULL;
    slot->compound = false;
    note_acting(shadow, index, false);
    bool small = value == NULL || is_small(value);
    note_small(shadow, index, small);
    if (LIKELY(small)) {
        slot->hash = value == NULL ? 0 : Py_TYPE(value) == &PyLong_Type ? int_hash(value) : value_hash(value, 0);
        note_holding(shadow, index, false);
        return;
    }
    hash_met_object = false;
    slot->hash = value_hash(value, 0);
    PyTypeObject *type = Py_TYPE(value);
    if (type != &PyUnicode_Type && type != &PyLong_Type) {
        slot->entry = find_entry(value);
        if (UNLIKELY(wanderer_count > 0)) {
            count_slot(slot, 1);
        }
        shadow->holds_library |= slot->entry != NULL && slot->entry->info->shape == SHAPE_FOREIGN;
        slot->compound = slot->entry == NULL && hash_met_object;
        if (slot->compound && acts(value, 0)) {
            note_acting(shadow, index, true);
        }
    }
    note_holding(shadow, index, slot->entry != NULL || slot->compound);
}

/* The value of a variable, or its cell, whose content is written elsewhere. */
static void put_secret_slot(const Shadow *shadow, int index, PyObject *value)
{
    PyObject *name = PyTuple_GET_ITEM(shadow->code_object->co_localsplusnames, index);
    if (value != NULL && Py_TYPE(value) == &PyCell_Type) {
        PyObject *held = ((PyCellObject *)value)->ob_ref;
        if (held != NULL) {
            is_named_secret(name, held); /* known by its content from here on */
        }
    }
    put_named_value(name, value, 0);
}

static inline void put_slot_value(const Shadow *shadow, int index, PyObject *value)
{
    if (UNLIKELY(shadow->code->has_secrets)) {
        put_secret_slot(shadow, index, value);
    }
    else {
        put_value(value, 0);
    }
}

static inline void put_slot(const Shadow *shadow, int index, PyObject *value)
{
    if (LIKELY(index < 32)) {
        put_byte((uint8_t)(ST_VAR_SHORT | index));
    }
    else {
        put_byte(ST_VAR);
        put_unsigned((uint64_t)index);
    }
    in_new = value != NULL && (Py_TYPE(value) == &PyTuple_Type || Py_TYPE(value) == &PyFrozenSet_Type);
    put_slot_value(shadow, index, value);
    in_new = false;
}

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

enum { ORDINARY, COMPUTING, FOREIGN };

/* What operators and subscripts may do to a value: nothing more than the line says; change itself
 * (defaultdict); or run code that isn't recorded (classes of libraries, enums). */
static inline int manners(const Entry *entry)
{
    if (entry == NULL || entry->object == NULL) {
        return ORDINARY;
    }
    const TypeInfo *info = entry->info;
    if (info->type == &PyList_Type || info->type == &PyDict_Type || info->user) {
        return info->mixed ? FOREIGN : ORDINARY;
    }
    switch (info->shape) {
    case SHAPE_FOREIGN:
    case SHAPE_ENUM:
        return FOREIGN;
    case SHAPE_CLASS:
        return info->type == &PyType_Type ? ORDINARY : FOREIGN;
    case SHAPE_LIST:
    case SHAPE_DICT:
        return COMPUTING;
    default:
        return ORDINARY;
    }
}

/* Whether a module's functions may do what the names of methods of containers don't suggest. */
static bool may_change_anything(PyObject *module)
{
    static const char *const harmless[] = {"posixpath", "re", "string", "shlex", "textwrap", "copy", "collections", "datetime", "numpy", NULL};
    if (PyModule_GetDef(module) != NULL || !is_of_library(module)) {
        return false;
    }
    PyObject *name = dict_get_text(PyModule_GetDict(module), NULL);
    return name == NULL || !is_one_of(name, harmless);
}

static int manners_of_values(const Shadow *shadow, const LineInfo *line)
{
    int found = ORDINARY;
    for (int word = 0; word < shadow->code->words; word++) {
        uint64_t bits = word == 0 ? line->loads[0] & shadow->holding : line->loads[word];
        while (bits) {
            int one = manners(shadow->slots[word * 64 + __builtin_ctzll(bits)].entry);
            bits &= bits - 1;
            found = one > found ? one : found;
        }
    }
    PyObject *space = shadow->namespace_entry != NULL ? shadow->namespace_entry->object : frame_globals(shadow->frame);
    for (int i = 0; i < line->global_count && PyDict_Check(space); i++) {
        PyObject *value = shadow->namespace_entry != NULL ? dict_find(space, line->globals[i].name)
                                                          : read_global(&line->globals[i], space);
        if (value != NULL && !is_inert(value)) {
            int one = manners(find_entry(value));
            found = one > found ? one : found;
        }
        else if (value != NULL && line->flags & LINE_TAME && PyModule_Check(value) && may_change_anything(value)) {
            return FOREIGN;
        }
    }
    return found;
}

/* What calls of the line's own returned may have been changed by the rest of the line. */
static void look_at_results(Shadow *shadow, const Where *where)
{
    enum { MOST = sizeof shadow->results / sizeof *shadow->results };
    for (uint32_t i = 0; i < shadow->result_count && i < MOST; i++) {
        Entry *entry = find_entry(shadow->results[i]);
        if (entry != NULL && entry->id == shadow->result_ids[i]) {
            look_at(entry, where, 0);
        }
        else if (where->line->flags & LINE_RESULTS) {
            budget_spent = true; /* it is gone, but what it held may have been changed, and be held by others */
        }
    }
    budget_spent |= shadow->result_count == UINT32_MAX ||
                    (shadow->result_count > MOST && where->line->flags & (LINE_RESULTS | LINE_EACH));
}

/* What is told of variables that a line reads. */
static void look_at_variables(Shadow *shadow, LineInfo *line, const Where *where)
{
    for (int word = 0; word < shadow->code->words; word++) {
        for (uint64_t bits = slots_to_look_at(shadow, line, word); bits; bits &= bits - 1) {
            look_at_value(frame_slot(shadow->frame, word * 64 + __builtin_ctzll(bits)), where, 0);
        }
    }
    PyObject *space = shadow->namespace_entry != NULL ? shadow->namespace_entry->object : frame_globals(shadow->frame);
    for (int i = 0; i < line->global_count && space != NULL && PyDict_Check(space); i++) {
        look_at_value(shadow->namespace_entry != NULL ? dict_find(space, line->globals[i].name)
                                                      : read_global(&line->globals[i], space), where, 0);
    }
}

/* A line begins that may change the way to what it changes. */
static __attribute__((noinline)) void note_links(Shadow *shadow, LineInfo *line)
{
    Where where = {line, shadow, false};
    noting = shadow->links = new_links();
    if (noting == NULL) {
        return;
    }
    R.round++;
    look_budget = LOOK_BUDGET;
    budget_spent = false;
    look_at_variables(shadow, line, &where);
    noting->incomplete |= budget_spent;
    noting = NULL;
}

/* A loop goes on with what runs code that isn't recorded, which may be the last time: what that can reach. */
static __attribute__((noinline)) void note_loops(Shadow *shadow, LineInfo *line)
{
    Where where = {line, shadow, true};
    if (line == NULL || !(line->flags & LINE_ROUNDS)) {
        return;
    }
    if (shadow->links != NULL && shadow->links->of_loops) {
        release_links(shadow);
    }
    noting = shadow->links = shadow->links != NULL ? shadow->links : new_links();
    if (noting == NULL) {
        return;
    }
    noting->of_loops = noting->count == 0 && !noting->incomplete;
    Credit none = {0, R.events};
    R.round++;
    look_budget = MOST_LINKED;
    budget_spent = false;
    paying = &none;
    look_at_loops(shadow, &where);
    paying = &looking;
    noting->incomplete |= budget_spent;
    noting = NULL;
}

/* It is over: what it could reach then. */
static void look_at_links(const Shadow *shadow, const Where *where)
{
    const struct Links *links = shadow->links;
    bool gone = links == NULL || !links->of_loops;
    for (unsigned i = 0; links != NULL && i < links->count; i++) {
        Entry *entry = links->objects[i].entry;
        if (entry->object != NULL && entry->id == links->objects[i].id) {
            look_at(entry, where, 0);
        }
        else {
            gone = true;
        }
    }
    budget_spent |= links == NULL || (links->incomplete && gone);
}

/* The values of which there are most: they have no content. */
static inline bool is_plain(PyObject *value)
{
    PyTypeObject *type = Py_TYPE(value);
    return type == &PyLong_Type || type == &PyUnicode_Type || type == &PyFloat_Type || type == &PyBool_Type || value == Py_None;
}

/* Whether what a call gives goes to code that isn't recorded. */
static bool gives_to_library(const Shadow *shadow)
{
    Frame *below = frame_caller(shadow->frame);
    while (below != NULL && frame_is_shim(below)) {
        below = below->previous;
    }
    return below != NULL && (shadow->parent == NULL || below != shadow->parent->frame);
}

/* The known objects that a value leads to first; NULL where there is no memory. */
static struct Links *nearest_behind(PyObject *value)
{
    static const Where where = {NULL, NULL, true};
    struct Links *links = noting = new_links();
    if (links == NULL) {
        return NULL;
    }
    Credit none = {0, R.events};
    links->nearest = true;
    R.round++;
    look_budget = MOST_GIVEN;
    budget_spent = false;
    paying = &none;
    look_at_value(value, &where, 0);
    paying = &looking;
    noting = NULL;
    links->incomplete |= budget_spent;
    return links;
}

/* That may change it, and no line of the program needs to lead there. `own`: how much of the program's refers to it. */
static void follow_given(PyObject *value, Entry *entry, uint32_t own)
{
    if (entry != NULL && own > 0) {
        if (entry->info->wanders) {
            let_wander(entry, own);
        }
        return;
    }
    struct Links *links = nearest_behind(value);
    for (unsigned i = 0; links != NULL && i < links->count; i++) {
        Entry *found = links->objects[i].entry;
        uint32_t references = references_to(found->object);
        if (found->object != value && found->info->wanders && references > 1) { /* more than what is given refers to it */
            let_wander(found, references - 1);
        }
    }
    given_more |= links == NULL || links->incomplete;
    free_link(links);
}

/* What a call hands to the rest of its caller's line: what it returns, or the instance that it has initialised; and how
 * much refers to that then. */
static PyObject *note_outcome(const Shadow *shadow, PyObject *value)
{
    static PyObject *initialiser;
    const Shadow *caller = shadow->parent;
    bool outside = caller == NULL || (shadow->frame->previous != caller->frame && frame_caller(shadow->frame) != caller->frame);
    if (LIKELY(!outside && (caller->pending == NULL || (caller->pending->wild_calls < 2 && !(caller->pending->flags & LINE_RESULTS))))) {
        return value;
    }
    if (initialiser == NULL) {
        initialiser = PyUnicode_InternFromString("__init__");
    }
    bool is_made = value == Py_None && shadow->code_object->co_name == initialiser && shadow->code->slots > 0;
    value = is_made ? shadow->slots[0].value : value;
    Entry *entry = value != NULL && !is_plain(value) ? find_entry(value) : NULL;
    if (entry != NULL) {
        uint32_t held = is_made ? 2 : 1; /* by whoever gets it, and by the call of its class */
        for (int i = 0; i < shadow->code->slots; i++) {
            held += shadow->slots[i].value == value;
        }
        uint32_t references = references_to(value);
        entry->references = references > held ? references - held : 0;
    }
    R.unseen += outside;
    if (outside && value != NULL && !is_plain(value) && gives_to_library(shadow)) {
        follow_given(value, entry, entry != NULL ? entry->references : 0);
    }
    return value;
}

/* The same of what a generator gives. */
static void note_given(const Shadow *shadow, PyObject *value)
{
    const Shadow *caller = shadow->parent;
    if ((caller == NULL || shadow->frame->previous != caller->frame) && !is_plain(value) && gives_to_library(shadow)) {
        R.unseen++;
        follow_given(value, find_entry(value), references_to(value) - 1);
    }
}

static void add_result(Shadow *caller, const Entry *entry)
{
    caller->results[caller->result_count] = entry->object;
    caller->result_ids[caller->result_count++] = entry->id;
}

/* An iterator: the rest of the line may change what it goes through. */
static void note_gone_through(Shadow *caller, PyObject *iterator)
{
    enum { MOST = sizeof caller->results / sizeof *caller->results };
    struct Links *links = nearest_behind(iterator);
    if (links == NULL || links->incomplete || caller->result_count + links->count > MOST) {
        caller->result_count = UINT32_MAX;
    }
    else {
        for (unsigned i = 0; i < links->count; i++) {
            add_result(caller, links->objects[i].entry);
        }
    }
    free_link(links);
}

/* What a call in a line returned, or a generator gave: the rest of the line may change it. */
static void note_result(Shadow *caller, const Frame *frame, PyObject *value)
{
    enum { MOST = sizeof caller->results / sizeof *caller->results };
    if (caller == NULL || value == NULL || is_plain(value) || caller->result_count == UINT32_MAX) {
        return;
    }
    uint32_t flags = caller->pending != NULL ? caller->pending->flags : 0;
    bool gives_on = caller->pending != NULL && caller->pending->wild_calls > 0; /* what an attribute's method gave, say */
    if (frame->previous != caller->frame && !(flags & LINE_MUTATES) && !gives_on) {
        return;
    }
    const Entry *entry = find_entry(value);
    if (entry == NULL && !(flags & (LINE_RESULTS | LINE_EACH | LINE_BEHIND) && is_object(value))) {
        if (flags & LINE_MUTATES && Py_TYPE(value)->tp_iternext != NULL) {
            note_gone_through(caller, value);
        }
        return;
    }
    int unit = frame_lasti(caller->frame, caller->code_object);
    bool part = unit >= 0 && unit < caller->code->unit_count && caller->code->unit_gives[unit]; /* of an object, as it seems */
    uint32_t relevant = part ? LINE_BEHIND : LINE_RESULTS | LINE_EACH;
    if (entry == NULL) {
        hash_met_object = false;
        value_hash(value, 0);
        if (hash_met_object && flags & relevant) { /* it holds others, and isn't known itself */
            caller->result_count = UINT32_MAX;
        }
    }
    else if (caller->result_count >= MOST) {
        caller->result_count = part && flags & relevant ? UINT32_MAX : MOST + 1;
    }
    else if (caller->result_count == 0 || caller->results[caller->result_count - 1] != value) {
        add_result(caller, entry);
    }
}

static inline bool same_words(const uintptr_t *a, const uintptr_t *b, int count)
{
    enum { FEW = 8 }; /* the call isn't worth it for these */
    if (count > FEW) {
        return memcmp(a, b, (size_t)count * sizeof *a) == 0;
    }
    uintptr_t difference = 0;
    for (int i = 0; i < count; i++) {
        difference |= a[i] ^ b[i];
    }
    return difference == 0;
}

static inline void write_slot(Shadow *shadow, int index)
{
    PyObject *value = frame_slot(shadow->frame, index);
    const Slot *kept = &shadow->slots[index];
    if (value != kept->value || (value != NULL && value_hash(value, 0) != kept->hash)) {
        put_slot(shadow, index, value);
        remember_slot(shadow, index, value);
        if (kept->entry != NULL) {
            if (LIKELY(!(kept->entry->flags & ENTRY_FRESH))) {
                if (UNLIKELY(kept->entry->flags & ENTRY_HELD) && kept->entry->info->wanders) { /* it is the program's as well from now on */
                    kept->entry->flags &= (uint16_t)~ENTRY_HELD;
                    let_wander(kept->entry, references_to(value) - 1);
                }
                else if (UNLIKELY(from_outside) && kept->entry->info->wanders) { /* it may have been there before */
                    note_handed(kept->entry, kept->entry->references, true);
                }
                kept->entry->references = references_to(value);
            }
            else if (shadow->pending != NULL && reads_library(shadow, shadow->pending)) {
                from_outside = true; /* until it is written */
            }
        }
    }
    shadow->words[index] = frame_word(shadow->frame, index);
}

/* Where that is which runs code when a line only hands it on. */
enum { NOTHING_ACTS, VARIABLE_ACTS, LOOP_ACTS, LOOP_ACTED /* and may be over */ };

static inline int what_acts(Shadow *shadow, LineInfo *line, bool own)
{
    bool acted = false;
    if (line->flags & LINE_ROUNDS) {
        acted = shadow->loops_act;
        shadow->loops_act = own ? any_loop_acts(shadow, line->next != NULL) : acted;
    }
    if (line->flags & LINE_RUNS && any_acts(shadow, line)) {
        return VARIABLE_ACTS;
    }
    if (LIKELY(!acted && !(shadow->loops_act && line->flags & LINE_ROUNDS))) {
        return NOTHING_ACTS;
    }
    return own && shadow->loops_act ? LOOP_ACTS : LOOP_ACTED;
}

/* ---- what calls got ---- */

/* What can't be changed, and whose methods change nothing else; functions that change nothing, whatever they are given. */
static bool is_harmless_value(PyObject *value)
{
    PyTypeObject *type = Py_TYPE(value);
    if (is_plain(value) || type == &PyBytes_Type) {
        return true;
    }
    if (PyCFunction_Check(value)) {
        PyObject *self = ((PyCFunctionObject *)value)->m_self;
        return self != NULL && (is_plain(self) || is_regular_expression(Py_TYPE(self)));
    }
    if (type == &PyTuple_Type) {
        for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(value); i++) {
            if (i == 8 || PyTuple_GET_ITEM(value, i) == NULL || !is_plain(PyTuple_GET_ITEM(value, i))) {
                return false;
            }
        }
        return true;
    }
    return is_regular_expression(type);
}

/* An attribute that a call got; NULL where it isn't the instance's own, and so may have been any value. */
static PyObject *given_attribute(const Shadow *shadow, const LineInfo *line, int i)
{
    const Slot *slot = &shadow->slots[line->given.attributes[i].slot];
    const Entry *entry = slot->entry;
    if (entry == NULL || entry->object == NULL || entry->object != slot->value || !entry->info->has_attributes || entry->info->shape == SHAPE_CLASS) {
        return NULL;
    }
    return find_attribute(entry->object, entry->info, line->given.attributes[i].name);
}

/* Whether calls of code that isn't recorded got what is known by now, and nothing else. */
static bool knows_what_calls_got(const Shadow *shadow, const LineInfo *line)
{
    if (line->given.anything || shadow->recorded_calls > 0 || shadow->indirect_calls > 0 || shadow->result_count > 0) {
        return false;
    }
    for (int i = 0; i < line->given.attribute_count; i++) {
        if (given_attribute(shadow, line, i) == NULL) {
            return false;
        }
    }
    return true;
}

/* Whether they may have got from another line of the statement what isn't to be found any more. */
static bool got_what_is_lost(const Shadow *shadow, const LineInfo *line)
{
    bool lost = line->given.lost;
    for (int i = 0; line->given.elsewhere && i < line->given.attribute_count; i++) {
        lost |= given_attribute(shadow, line, i) == NULL;
    }
    return lost;
}

static bool got_only_harmless(Shadow *shadow, LineInfo *line)
{
    for (uint64_t bits = line->given.slots; bits; bits &= bits - 1) {
        int index = __builtin_ctzll(bits);
        PyObject *value = frame_slot(shadow->frame, index);
        if (value == NULL || value != shadow->slots[index].value || !is_harmless_value(value)) {
            return false;
        }
    }
    for (int i = 0; i < line->given.attribute_count; i++) {
        if (!is_harmless_value(given_attribute(shadow, line, i))) {
            return false;
        }
    }
    PyObject *space = shadow->namespace_entry != NULL ? shadow->namespace_entry->object : frame_globals(shadow->frame);
    for (int i = 0; line->given.globals && i < line->global_count && space != NULL && PyDict_Check(space); i++) {
        PyObject *value = shadow->namespace_entry != NULL ? dict_find(space, line->globals[i].name)
                                                          : read_global(&line->globals[i], space);
        if (value == NULL || !is_harmless_value(value)) {
            return false;
        }
    }
    return true;
}

static inline void look_at_slot(Shadow *shadow, int index, const Where *where)
{
    const Slot *kept = &shadow->slots[index];
    PyObject *value = frame_slot(shadow->frame, index);
    Entry *entry = kept->entry;
    if (UNLIKELY(value != kept->value && entry != NULL && (where->loose || where->line->flags & LINE_MUTATES)) && entry->object == kept->value) {
        look_at(entry, where, 0); /* the line may have changed what the variable held before it */
    }
    if (value == NULL) {
        return;
    }
    if (LIKELY(value == kept->value && entry != NULL && entry->object == value)) {
        look_at(entry, where, 0);
    }
    else if (value != kept->value || index >= shadow->code->cells_from || kept->compound) {
        look_at_value(value, where, 0);
    }
}

static void look_at_given(Shadow *shadow, LineInfo *line, const Where *where)
{
    for (uint64_t bits = line->given.slots & (shadow->holding | line->stores[0]); bits; bits &= bits - 1) {
        look_at_slot(shadow, __builtin_ctzll(bits), where);
    }
    for (int i = 0; i < line->given.attribute_count; i++) {
        PyObject *value = given_attribute(shadow, line, i);
        if (value != NULL) {
            look_at_value(value, where, 0);
        }
        else {
            look_at_slot(shadow, line->given.attributes[i].slot, where);
        }
    }
    PyObject *space = shadow->namespace_entry != NULL ? shadow->namespace_entry->object : frame_globals(shadow->frame);
    for (int i = 0; line->given.globals && i < line->global_count && space != NULL && PyDict_Check(space); i++) {
        PyObject *value = shadow->namespace_entry != NULL ? dict_find(space, line->globals[i].name)
                                                          : read_global(&line->globals[i], space);
        if (value != NULL && is_of_interest(value, where)) {
            look_at_value(value, where, 0);
        }
    }
}

/* Write what a line changed of the objects that it could reach. */
static __attribute__((noinline)) void write_objects(Shadow *shadow, LineInfo *line, int acting)
{
    CodeInfo *code = shadow->code;
    /* Calls that were recorded have told of their changes themselves. */
    bool loose = line->wild_calls > 0 && (shadow->recorded_calls < line->wild_calls || (line->flags & LINE_LOOPS));
    if (loose && line->first_call > 0) { /* the line may only have begun: others of its statement come before its call */
        int unit = frame_lasti(shadow->frame, shadow->code_object);
        loose = unit <= line->first_unit || unit >= line->first_call;
    }
    bool known = loose && !acting && knows_what_calls_got(shadow, line);
    int manners = (!loose || known) && line->flags & LINE_OPERATES ? manners_of_values(shadow, line) : ORDINARY;
    known &= manners != FOREIGN;
    loose = (loose && !(known && got_only_harmless(shadow, line))) || manners == FOREIGN || acting;
    known &= loose;
    if (loose || (line->flags & LINE_CHANGES) || manners == COMPUTING ||
        (shadow->indirect_calls > 0 && (line->flags & LINE_READS)) ||
        (missing_seen && (line->flags & LINE_SUBSCRIPTS) && line->attribute_count > 0)) {
        Where where = {line, shadow, loose};
        R.round++;
        loose_round = loose && !known ? R.round : 0;
        look_budget = loose ? LOOSE_BUDGET : LOOK_BUDGET;
        loosely_written = loose;
        budget_spent = library_met = false;
        R.unseen += loose;
        handed_count = 0;
        from_outside = loose;
        if (known || (loose && line->given.elsewhere)) {
            look_at_given(shadow, line, &where);
            where.loose = loose && !known; /* else nothing else leads there */
        }
        for (int word = 0; word < code->words; word++) {
            for (uint64_t bits = slots_to_look_at(shadow, line, word); bits; bits &= bits - 1) {
                look_at_slot(shadow, word * 64 + __builtin_ctzll(bits), &where);
            }
        }
        where.loose = loose;
        for (int i = 0; UNLIKELY(loose && line->flags & LINE_ALL_NAMES) && i < code->cells_from; i++) {
            look_at_slot(shadow, i, &where); /* it may have given away all variables there are */
        }
        look_at_results(shadow, &where);
        if (UNLIKELY(line->flags & LINE_UNLINKS) || UNLIKELY(acting == LOOP_ACTED)) {
            look_at_links(shadow, &where);
        }
        budget_spent |= (line->flags & LINE_STRAYS) != 0;
        budget_spent |= loose && !known && got_what_is_lost(shadow, line);
        if (UNLIKELY(acting == LOOP_ACTS)) {
            look_at_loops(shadow, &where);
        }
        budget_spent |= acting == VARIABLE_ACTS && acting_gone(shadow, line);
        where.loose = loose && (!known || shadow->namespace_entry != NULL); /* anybody may set its names */
        if (line->global_count || line->stored_name_count || line->stored_global_count ||
            (line->flags & LINE_ALL_NAMES)) {
            write_namespaces(shadow, line, &where);
        }
        R.unseen += library_met && !loose;
        from_outside = loose || library_met;
        if (from_outside) {
            put_byte(ST_FOREIGN);
        }
        if (UNLIKELY(budget_spent)) {
            put_byte(ST_LOOSE);
        }
    }
    else if (line->stored_name_count || line->stored_global_count || (line->flags & LINE_ALL_NAMES)) {
        Where where = {line, shadow, loose};
        R.round++;
        look_budget = LOOK_BUDGET;
        write_namespaces(shadow, line, &where);
    }
    current_depth = 0;
}

/* Nearly all lines that can't are told at once. */
static inline bool may_change_objects(const Shadow *shadow, const LineInfo *line)
{
    if (shadow->indirect_calls > 0 || shadow->result_count > 0 || !(line->flags & (LINE_QUIET | LINE_COMPUTES)) ||
        (missing_seen && line->flags & LINE_SUBSCRIPTS)) {
        return true;
    }
    return !(line->flags & LINE_QUIET) &&
           (line->global_count > 0 || shadow->code->words > 1 ||
            (shadow->code->words == 1 && (line->loads[0] & shadow->holding) != 0));
}

/* The cells that a frame holds, its own and those of the functions around it. */
static __attribute__((noinline)) void write_cells(Shadow *shadow, int first, int slots)
{
    Slot *kept = shadow->slots;
    for (int i = first; i < slots; i++) {
        PyObject *value = frame_slot(shadow->frame, i);
        if (value != kept[i].value) {
            put_slot(shadow, i, value);
            remember_slot(shadow, i, value);
        }
        if (value != NULL && Py_TYPE(value) == &PyCell_Type) {
            Where where = {shadow->pending, shadow, false};
            Entry *entry = kept[i].entry;
            if (entry == NULL || entry->object != value) {
                entry = kept[i].entry = find_entry(value);
            }
            if (entry != NULL && !cell_same(entry)) {
                current_depth = 1;
                check_entry(entry, &where);
                current_depth = 0;
            }
        }
    }
}

/* Whether what ran since the frame's last event can have taken no time. */
static bool brief;

/* Write what the code that ran in this frame since its last event changed; `own`: the event is one of this frame. */
static void write_changes(Shadow *shadow, bool own)
{
    CodeInfo *code = shadow->code;
    LineInfo *line = shadow->pending;
    int slots = code->slots, plain = code->cells_from;
    current_depth = 0;
    handed_count = 0;
    line_began = shadow->began;
    if (UNLIKELY(slots > 65536)) {
        look_after_wanderers();
        return;
    }
    brief = line != NULL ? is_brief(shadow, line) : R.events == call_begun;
    if (line != NULL && !brief) {
        int acting = line->flags & (LINE_RUNS | LINE_ROUNDS) ? what_acts(shadow, line, own) : NOTHING_ACTS;
        if (UNLIKELY(acting != NOTHING_ACTS) || may_change_objects(shadow, line)) {
            write_objects(shadow, line, acting);
        }
    }
    /* The same address may hold another value by now where the line itself stores. */
    for (int word = 0; line != NULL && word < code->words; word++) {
        uint64_t bits = line->stores[word];
        while (bits) {
            int index = word * 64 + __builtin_ctzll(bits);
            bits &= bits - 1;
            if (LIKELY(index < plain)) {
                write_slot(shadow, index);
            }
        }
    }
    if (UNLIKELY(!same_words(frame_words(shadow->frame), shadow->words, plain))) { /* stored by other means */
        for (int i = 0; i < plain; i++) {
            if (frame_word(shadow->frame, i) != shadow->words[i]) {
                write_slot(shadow, i);
            }
        }
    }
    if (UNLIKELY(plain < slots)) {
        write_cells(shadow, plain, slots);
    }
    Entry *space = shadow->namespace_entry;
    if (UNLIKELY(space != NULL && space->object != NULL && !(space->flags & (ENTRY_NAMESPACE | ENTRY_PENDING)))) {
        Where where = {line, shadow, false};
        check_entry(space, &where); /* it is a value of the program's as well: names that no line of its own sets count too */
    }
    drain();
    if (UNLIKELY(handed_count > 0)) {
        settle_handed();
    }
    from_outside = false;
    look_after_wanderers();
}
