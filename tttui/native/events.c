/* The events of the program, in the words of both kinds of hook: on_call, on_line, on_return ...
 * Each first writes what changed since the frame's last event, then the event, and publishes. */
#include "recorder.h"
#include "hashing.h"

#include <stdlib.h>

/* ---- shadow frames ---- */

#define SIZE_CLASSES 12
static Shadow *free_shadows[SIZE_CLASSES];

#define UNKNOWN_WORD ((uintptr_t)-1) /* no slot's memory looks like this */

static Shadow *new_shadow(int slots)
{
    int size_class = 0;
    while (size_class < SIZE_CLASSES - 1 && (4 << size_class) < slots) {
        size_class++;
    }
    size_t room = size_class == SIZE_CLASSES - 1 ? (size_t)slots : (size_t)4 << size_class;
    Shadow *shadow = NULL;
    if (size_class < SIZE_CLASSES - 1 && free_shadows[size_class] != NULL) {
        shadow = free_shadows[size_class];
        free_shadows[size_class] = shadow->next;
    }
    else {
        shadow = malloc(sizeof(Shadow) + room * (sizeof(Slot) + sizeof(uintptr_t)));
        if (shadow == NULL) {
            return NULL;
        }
    }
    memset(shadow, 0, sizeof(Shadow));
    for (int i = 0; i < slots; i++) {
        shadow->slots[i] = (Slot){NULL, 0, NULL, false};
    }
    shadow->size_class = size_class;
    shadow->words = (uintptr_t *)(shadow->slots + slots);
    for (int i = 0; i < slots; i++) {
        shadow->words[i] = UNKNOWN_WORD;
    }
    return shadow;
}

static void free_shadow(Shadow *shadow)
{
    if (shadow->size_class == SIZE_CLASSES - 1) {
        free(shadow);
        return;
    }
    shadow->next = free_shadows[shadow->size_class];
    free_shadows[shadow->size_class] = shadow;
}

/* Suspended frames by address. A generator that dies without an event leaves its shadow here until
 * another one gets its address, so there are never more of them than such addresses. */
static Shadow **suspended;
static size_t suspended_capacity, suspended_count;

static Shadow **suspended_place(Frame *frame)
{
    size_t mask = suspended_capacity - 1;
    Shadow **place = &suspended[hash_address(frame, mask)];
    while (*place != NULL && (*place)->frame != frame) {
        place = &(*place)->next;
    }
    return place;
}

static void suspend(Shadow *shadow)
{
    if (suspended_count * 2 >= suspended_capacity) {
        size_t capacity = suspended_capacity ? suspended_capacity * 2 : 256;
        Shadow **table = calloc(capacity, sizeof(Shadow *));
        if (table == NULL) {
            free_shadow(shadow);
            return;
        }
        for (size_t i = 0; i < suspended_capacity; i++) {
            for (Shadow *each = suspended[i], *next; each != NULL; each = next) {
                next = each->next;
                size_t place = hash_address(each->frame, capacity - 1);
                each->next = table[place];
                table[place] = each;
            }
        }
        free(suspended);
        suspended = table;
        suspended_capacity = capacity;
    }
    Shadow **place = suspended_place(shadow->frame);
    if (*place != NULL) {
        Shadow *dead = *place;
        *place = dead->next;
        free_shadow(dead);
        suspended_count--;
    }
    shadow->parent = NULL;
    shadow->next = NULL;
    place = suspended_place(shadow->frame);
    *place = shadow;
    suspended_count++;
}

static Shadow *take_suspended(Frame *frame)
{
    if (suspended_count == 0) {
        return NULL;
    }
    Shadow **place = suspended_place(frame), *found = *place;
    if (found != NULL) {
        *place = found->next;
        found->next = NULL;
        suspended_count--;
    }
    return found;
}

/* ---- threads ---- */

/* The name that threading gave a thread: of the Thread object whose method its stack began with. */
static void put_thread_name(const Thread *thread)
{
    static PyObject *name_name;
    if (name_name == NULL) {
        name_name = PyUnicode_InternFromString("_name");
    }
    Frame *frame = thread_frame(thread->state);
    PyObject *name = NULL;
    for (; frame != NULL && name_name != NULL; frame = frame->previous) {
        PyCodeObject *code = frame_is_shim(frame) ? NULL : frame_code(frame);
        if (code != NULL && code->co_argcount == 1 &&
            PyUnicode_CompareWithASCIIString(code->co_name, "_bootstrap_inner") == 0) {
            PyObject *self = frame_slot(frame, 0);
            if (self != NULL && Py_TYPE(self)->tp_flags & Py_TPFLAGS_HEAPTYPE) {
                name = find_attribute(self, type_info(Py_TYPE(self)), name_name);
            }
        }
    }
    if (is_text(name)) {
        put_text(name);
    }
    else {
        put_c_text(thread->id == 1 ? "MainThread" : "");
    }
}

static Thread *find_thread(PyThreadState *state)
{
    uint64_t id = state->id;
    for (Thread *thread = R.threads; thread != NULL; thread = thread->next) {
        if (thread->state == state && thread->state_id == id) {
            return thread;
        }
    }
    for (Thread *thread = R.threads; thread != NULL; thread = thread->next) {
        if (thread->state == state) { /* the state of a thread that has ended, used again */
            for (Shadow *shadow = thread->top, *parent; shadow != NULL; shadow = parent) {
                parent = shadow->parent;
                free_shadow(shadow);
            }
            thread->state_id = id;
            thread->id = ++R.thread_count;
            thread->top = NULL;
            thread->task = 0;
            thread->raising = NULL;
            goto define;
        }
    }
    Thread *thread = calloc(1, sizeof(Thread));
    if (thread == NULL) {
        return NULL;
    }
    thread->state = state;
    thread->state_id = id;
    thread->id = ++R.thread_count;
    thread->next = R.threads;
    R.threads = thread;
define:
    for (Thread *found = R.threads; found != NULL; found = found->next) {
        if (found->state == state) {
            put_byte(DEF_THREAD);
            put_unsigned(found->id);
            put_unsigned((uint64_t)syscall(SYS_gettid));
            put_thread_name(found);
            return found;
        }
    }
    return NULL;
}

/* ---- what a frame's variables hold ---- */

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
    if (value == NULL) {
        slot->hash = 0;
        note_holding(shadow, index, false);
        return;
    }
    hash_met_object = false;
    slot->hash = value_hash(value, 0);
    PyTypeObject *type = Py_TYPE(value);
    if (type != &PyLong_Type && type != &PyUnicode_Type && type != &PyFloat_Type && value != Py_None &&
        type != &PyBool_Type) {
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

/* A value that a global or a builtin name has now; NULL where it isn't bound. */
static PyObject *read_global(GlobalRead *read, PyObject *globals)
{
    PyDictObject *dict = (PyDictObject *)globals;
    Pair pair;
    if (read->place >= 0 && read->place < dict_end(dict) && dict_entry(dict, read->place, &pair) &&
        pair.key == read->name) {
        return pair.value;
    }
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
        return where->loose || (where->line != NULL && where->line->attribute_count > 0);
    }
    if (type == &PyCFunction_Type) {
        PyObject *self = ((PyCFunctionObject *)value)->m_self;
        return self != NULL && Py_TYPE(self) != &PyModule_Type;
    }
    if (type == &PyType_Type) {
        return ((PyTypeObject *)value)->tp_flags & Py_TPFLAGS_HEAPTYPE && type_info((PyTypeObject *)value)->user;
    }
    return type != &PyModule_Type || (where->line != NULL && where->line->flags & LINE_SETS_ATTRIBUTE);
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
        if (entry != NULL) {
            look_at(entry, where, 0);
        }
    }
    budget_spent |= shadow->result_count > MOST && where->line->flags & LINE_MUTATES;
}

/* What a call hands to the rest of its caller's line: what it returns, or the instance that it has initialised; and how
 * much refers to that then. */
static PyObject *note_outcome(const Shadow *shadow, PyObject *value)
{
    static PyObject *initialiser;
    const Shadow *caller = shadow->parent;
    bool outside = caller == NULL || (shadow->frame->previous != caller->frame && frame_caller(shadow->frame) != caller->frame);
    if (LIKELY(!outside && (caller->pending == NULL || caller->pending->wild_calls < 2))) {
        return value;
    }
    if (initialiser == NULL) {
        initialiser = PyUnicode_InternFromString("__init__");
    }
    bool is_made = value == Py_None && shadow->code_object->co_name == initialiser && shadow->code->slots > 0;
    value = is_made ? shadow->slots[0].value : value;
    Entry *entry = value != NULL ? find_entry(value) : NULL;
    if (entry != NULL) {
        uint32_t held = is_made ? 2 : 1; /* by whoever gets it, and by the call of its class */
        for (int i = 0; i < shadow->code->slots; i++) {
            held += shadow->slots[i].value == value;
        }
        uint32_t references = references_to(value);
        entry->references = references > held ? references - held : 0;
    }
    R.unseen += outside;
    return value;
}

static void note_result(Shadow *caller, const Frame *frame, PyObject *value)
{
    if (caller != NULL && frame->previous == caller->frame && value != NULL && find_entry(value) != NULL) {
        enum { MOST = sizeof caller->results / sizeof *caller->results };
        if (caller->result_count == 0 || caller->results[(caller->result_count - 1) % MOST] != value) {
            if (caller->result_count < MOST) {
                caller->results[caller->result_count] = value;
            }
            caller->result_count += caller->result_count <= MOST;
        }
    }
}

static inline bool same_words(const uintptr_t *a, const uintptr_t *b, int count)
{
    uintptr_t difference = 0;
    int i = 0;
    for (; i + 4 <= count; i += 4) {
        difference |= (a[i] ^ b[i]) | (a[i + 1] ^ b[i + 1]) | (a[i + 2] ^ b[i + 2]) | (a[i + 3] ^ b[i + 3]);
    }
    for (; i < count; i++) {
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
enum { NOTHING_ACTS, VARIABLE_ACTS, LOOP_ACTS };

static inline int what_acts(Shadow *shadow, LineInfo *line, bool own)
{
    if (line->flags & LINE_RUNS && any_acts(shadow, line)) {
        return VARIABLE_ACTS;
    }
    return own && line->flags & LINE_ROUNDS && any_loop_acts(shadow, line->next != NULL) ? LOOP_ACTS : NOTHING_ACTS;
}

/* Write what a line changed of the objects that it could reach. */
static __attribute__((noinline)) void write_objects(Shadow *shadow, LineInfo *line, int acting)
{
    CodeInfo *code = shadow->code;
    Frame *frame = shadow->frame;
    int plain = code->cells_from;
    Slot *kept = shadow->slots;
    /* Calls that were recorded have told of their changes themselves. */
    bool loose = line->wild_calls > 0 && (shadow->recorded_calls < line->wild_calls || (line->flags & LINE_LOOPS));
    int manners = line->flags & LINE_OPERATES ? manners_of_values(shadow, line) : ORDINARY;
    loose |= manners == FOREIGN || acting;
    if (loose || (line->flags & LINE_CHANGES) || manners == COMPUTING ||
        (shadow->indirect_calls > 0 && (line->flags & LINE_READS)) ||
        (missing_seen && (line->flags & LINE_SUBSCRIPTS) && line->attribute_count > 0)) {
        Where where = {line, shadow, loose};
        R.round++;
        loose_round = loose ? R.round : 0;
        look_budget = LOOK_BUDGET;
        budget_spent = library_met = false;
        R.unseen += loose;
        handed_count = 0;
        from_outside = loose;
        for (int word = 0; word < code->words; word++) {
            uint64_t bits = slots_to_look_at(shadow, line, word);
            while (bits) {
                int index = word * 64 + __builtin_ctzll(bits);
                bits &= bits - 1;
                PyObject *value = frame_slot(frame, index);
                if (value == NULL) {
                    continue;
                }
                Entry *entry = kept[index].entry;
                if (LIKELY(value == kept[index].value && entry != NULL && entry->object == value)) {
                    look_at(entry, &where, 0);
                }
                else if (value != kept[index].value || index >= plain || kept[index].compound) {
                    look_at_value(value, &where, 0);
                }
            }
        }
        look_at_results(shadow, &where);
        budget_spent |= (line->flags & LINE_TAKES) != 0; /* it isn't in the container any more */
        if (UNLIKELY(acting == LOOP_ACTS)) {
            look_at_loops(shadow, &where);
        }
        budget_spent |= acting == VARIABLE_ACTS && acting_gone(shadow, line);
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
    if (line != NULL) {
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

static void find_namespace(Shadow *shadow)
{
    shadow->namespace_entry = namespace_entry(frame_namespace(shadow->frame));
    shadow->namespace_id = shadow->namespace_entry != NULL ? shadow->namespace_entry->id : 0;
}

static void put_frame(Shadow *shadow)
{
    CodeInfo *code = shadow->code;
    if (!code->optimized) {
        find_namespace(shadow); /* its identity may just have been given up */
    }
    put_unsigned(shadow->call);
    put_unsigned(code->id);
    put_signed(shadow->line);
    put_unsigned((uint64_t)shadow->caller_lasti);
    put_unsigned(shadow->namespace_id);
    int bound = 0, slots = has_room() ? code->slots : 0;
    for (int i = 0; i < slots; i++) {
        bound += shadow->slots[i].value != NULL;
    }
    put_unsigned((uint64_t)bound);
    for (int i = 0; i < slots; i++) {
        if (shadow->slots[i].value != NULL) {
            put_unsigned((uint64_t)i);
            put_slot_value(shadow, i, frame_slot(shadow->frame, i));
        }
    }
    shadow->epoch = R.epoch;
}

static void put_frames(Shadow *top)
{
    size_t count = 0;
    for (Shadow *shadow = top; shadow != NULL; shadow = shadow->parent) {
        count++;
    }
    put_unsigned(count);
    /* outermost first: the chain is turned round through `next`, unused while a frame runs */
    Shadow *chain = NULL;
    for (Shadow *shadow = top; shadow != NULL; shadow = shadow->parent) {
        shadow->next = chain;
        chain = shadow;
    }
    for (Shadow *next; chain != NULL; chain = next) {
        next = chain->next;
        chain->next = NULL;
        put_frame(chain);
    }
}

static void drop_until(Thread *thread, Shadow *shadow)
{
    while (thread->top != NULL && thread->top != shadow) {
        Shadow *gone = thread->top;
        thread->top = gone->parent;
        if (gone->code->suspends) { /* it may have been left by a value that passed through it */
            suspend(gone);
        }
        else {
            free_shadow(gone);
        }
    }
}

/* A thread may end without its frames being unwound (daemons at exit): its frames are gone then. */
static bool thread_is_alive(const Thread *thread)
{
    PyThreadState *state = PyInterpreterState_ThreadHead(R.interpreter);
    for (; state != NULL; state = PyThreadState_Next(state)) {
        if (state == thread->state && state->id == thread->state_id) {
            return true;
        }
    }
    return false;
}

/* The keyframe with which a chunk begins. */
static void put_chunk(void)
{
    uint64_t number = R.ring->chunks;
    R.ring->chunk_start[number % RING_CHUNKS] = R.head;
    R.epoch++;
    R.restating_room = RESTATED_BYTES;
    if (entry_count > MAX_ENTRIES) {
        give_up_entries();
    }
    uint64_t now = clock_ns(CLOCK_MONOTONIC);
    put_byte(ST_CHUNK);
    put_unsigned(R.events);
    put_unsigned(R.calls);
    put_unsigned(R.objects);
    if (UNLIKELY(R.verifying)) {
        now = R.ring->start_clock + recorded_number();
    }
    else {
        R.last_ticks = ticks();
    }
    R.last_time = now;
    put_unsigned(now - R.ring->start_clock);
    put_unsigned(R.thread != NULL ? R.thread->id : 0);
    size_t count = 0;
    for (Thread *thread = R.threads; thread != NULL; thread = thread->next) {
        if (thread != R.thread && thread->top != NULL && !thread_is_alive(thread)) {
            drop_until(thread, NULL);
        }
        count += thread->top != NULL;
    }
    put_unsigned(count);
    for (Thread *thread = R.threads; thread != NULL; thread = thread->next) {
        if (thread->top != NULL) {
            put_unsigned(thread->id);
            put_unsigned(thread->task);
            put_frames(thread->top);
        }
    }
    drain();
    /* The keyframe of a deep stack may itself be larger than a chunk: it doesn't count. */
    R.chunk_end_event = R.events + CHUNK_EVENTS;
    R.chunk_end_head = R.head + (uint64_t)(R.cursor - R.origin) + CHUNK_BYTES;
    __atomic_store_n(&R.ring->chunks, number + 1, __ATOMIC_RELEASE);
}

/* ---- beginning and ending an event ---- */

static __attribute__((noinline)) Thread *switch_thread(PyThreadState *state)
{
    /* By its number: the state of a thread that has ended may be used again, and with it what we keep of it. */
    uint32_t before = R.thread != NULL ? R.thread->id : 0;
    Thread *thread = find_thread(state);
    if (thread != NULL && thread->id != before) {
        R.thread = thread;
        R.unseen++;
        put_byte(ST_THREAD);
        put_unsigned(thread->id);
    }
    return thread;
}

static __attribute__((noinline)) void begin_chunk(void)
{
    put_chunk();
    publish();
    R.origin = R.cursor = R.data + (R.head & R.mask);
    R.limit = R.origin + R.capacity / 4;
}

/* Whether a thread runs code of the debugger's (stops.c). */
static bool is_aside(PyThreadState *state)
{
    Thread *thread = R.threads_aside > 0 ? R.threads : NULL;
    while (thread != NULL && !(thread->aside && thread->state == state)) {
        thread = thread->next;
    }
    return thread != NULL;
}

/* Every callback starts so, with the thread that runs it; NULL where nothing is to be recorded. */
static inline __attribute__((always_inline)) Thread *begin_event(PyThreadState *state, bool exceptional)
{
    if (UNLIKELY(!R.active || R.inside)) {
        return NULL;
    }
    if (UNLIKELY(state->interp != R.interpreter) || UNLIKELY(R.threads_aside > 0 && is_aside(state))) {
        return NULL;
    }
    if (UNLIKELY(!begin_write())) {
        return NULL;
    }
    R.inside = true;
    if (UNLIKELY(R.events >= R.chunk_end_event || R.head >= R.chunk_end_head)) {
        begin_chunk();
    }
    Thread *thread = R.thread;
    if (UNLIKELY(thread == NULL || thread->state != state || thread->state_id != state->id)) {
        thread = switch_thread(state);
        if (thread == NULL) {
            R.inside = false;
            stop_recording(GAP_OUT_OF_MEMORY);
            return NULL;
        }
    }
    if (!exceptional) {
        thread->passing = false;
        thread->raised_in = NULL;
    }
    return thread;
}

static void attend(uint8_t event);
static bool seems_uncaught(Frame *frame);

/* Every callback ends so, once it has written its event. */
static inline void end_callback(uint8_t event)
{
    publish();
    R.inside = false;
    if (UNLIKELY(R.attention)) {
        attend(event);
    }
}

static inline void end_event(uint8_t event)
{
    R.events++;
    end_callback(event);
}

/* ---- finding the shadow of a frame ---- */

static Shadow *push_shadow(Thread *thread, Frame *frame, CodeInfo *info, PyCodeObject *code)
{
    Shadow *shadow = new_shadow(info->slots);
    if (shadow == NULL) {
        return NULL;
    }
    if (!info->defined) {
        put_code_definition(code, info);
    }
    shadow->frame = frame;
    shadow->code = info;
    shadow->holding = info->cells_from < 64 ? ~0ULL << info->cells_from : 0;
    shadow->code_object = code;
    shadow->parent = thread->top;
    shadow->call = ++R.calls;
    shadow->line = code->co_firstlineno;
    shadow->epoch = R.epoch;
    shadow->task = thread->task;
    if (!info->optimized) {
        find_namespace(shadow);
    }
    thread->top = shadow;
    return shadow;
}

/* Where the nearest recorded caller stands: its instruction, + 1. */
static inline int caller_lasti(Shadow *caller)
{
    PyCodeObject *code = caller != NULL ? frame_code(caller->frame) : NULL;
    return code != NULL ? frame_lasti(caller->frame, code) + 1 : 0;
}

static bool is_ancestor(Frame *frame, Shadow *shadow)
{
    Frame *previous = frame->previous;
    for (int steps = 0; previous != NULL && steps < 100000; steps++, previous = previous->previous) {
        if (previous == shadow->frame) {
            return true;
        }
    }
    return false;
}

static void park(Thread *thread)
{
    if (thread->top != NULL) {
        Parked *parked = malloc(sizeof(Parked));
        if (parked != NULL) {
            parked->top = thread->top;
            parked->next = thread->parked;
            thread->parked = parked;
        }
        thread->top = NULL;
    }
}

static Shadow *find_in_chain(Shadow *top, Frame *frame)
{
    for (Shadow *shadow = top; shadow != NULL; shadow = shadow->parent) {
        if (shadow->frame == frame) {
            return shadow;
        }
    }
    return NULL;
}

static void put_stack(Thread *thread)
{
    put_byte(ST_STACK);
    put_frames(thread->top);
    drain();
}

static void put_variables(Shadow *shadow)
{
    for (int i = 0; i < shadow->code->slots; i++) {
        PyObject *value = frame_slot(shadow->frame, i);
        if (value != NULL || shadow->slots[i].value != NULL) {
            put_slot(shadow, i, value);
            remember_slot(shadow, i, value);
        }
    }
    drain();
}

static void put_push(Shadow *shadow)
{
    put_byte(ST_PUSH);
    put_unsigned(shadow->code->id);
    put_signed(shadow->line);
    put_unsigned((uint64_t)shadow->caller_lasti);
    put_unsigned(shadow->namespace_id);
}

/* Take in a frame that has been running since before it could be recorded. */
static Shadow *adopt_frame(Thread *thread, Frame *frame, PyCodeObject *code, CodeInfo *info)
{
    Shadow *caller = thread->top, *shadow = push_shadow(thread, frame, info, code);
    if (shadow != NULL) {
        int line = PyCode_Addr2Line(code, frame_lasti(frame, code) * 2);
        shadow->line = line > 0 ? line : shadow->line;
        shadow->caller_lasti = caller_lasti(caller);
        shadow->pending = line_info(info, shadow->line);
        put_push(shadow);
        put_variables(shadow);
    }
    return shadow;
}

/* A thread is seen for the first time: take in the frames that it has been running already. */
static void adopt_stack(Thread *thread, Frame *frame)
{
    enum { DEEPEST = 4096 };
    static Frame *found[DEEPEST]; /* under the GIL, and not entered twice */
    int count = 0;
    for (Frame *each = frame->previous; each != NULL && count < DEEPEST; each = each->previous) {
        PyCodeObject *code = frame_is_shim(each) ? NULL : frame_code(each);
        if (code != NULL && code_info(code, frame_globals(each))->recorded) {
            found[count++] = each;
        }
    }
    while (count > 0) {
        Frame *each = found[--count];
        PyCodeObject *code = frame_code(each);
        adopt_frame(thread, each, code, code_info(code, frame_globals(each)));
    }
}

/* Code that isn't recorded has just called into recorded code. */
static inline void note_foreign_caller(const Thread *thread, Frame *frame)
{
    if (thread->top == NULL || (frame->previous != thread->top->frame && frame_caller(frame) != thread->top->frame)) {
        put_byte(ST_FOREIGN);
        R.unseen++;
    }
}

/* Make the stack that the frame's caller belongs to the current one. */
static void settle_caller(Thread *thread, Frame *frame)
{
    if (UNLIKELY(!thread->adopted)) {
        thread->adopted = true;
        adopt_stack(thread, frame);
    }
    Shadow *top = thread->top;
    if (LIKELY(top == NULL || frame->previous == top->frame || is_ancestor(frame, top))) {
        if (UNLIKELY(top == NULL && thread->parked != NULL)) {
            goto search;
        }
        return;
    }
    for (Shadow *shadow = top->parent; shadow != NULL; shadow = shadow->parent) {
        if (is_ancestor(frame, shadow)) { /* frames above it have ended without a word */
            drop_until(thread, shadow);
            put_stack(thread);
            return;
        }
    }
search:
    for (Parked **link = &thread->parked; *link != NULL; link = &(*link)->next) {
        for (Shadow *shadow = (*link)->top; shadow != NULL; shadow = shadow->parent) {
            if (is_ancestor(frame, shadow)) {
                Parked *found = *link;
                *link = found->next;
                park(thread);
                thread->top = found->top;
                drop_until(thread, shadow);
                free(found);
                put_stack(thread);
                return;
            }
        }
    }
    if (top != NULL) {
        park(thread);
        put_stack(thread);
    }
}

/* The shadow of a frame in which something happens: nearly always the top one. */
static Shadow *shadow_of(Thread *thread, Frame *frame, PyCodeObject *code, CodeInfo *info)
{
    Shadow *top = thread->top;
    if (LIKELY(top != NULL && top->frame == frame && top->code == info)) {
        return top;
    }
    Shadow *found = find_in_chain(top, frame);
    if (found != NULL && found->code == info) {
        drop_until(thread, found);
        put_stack(thread);
        return found;
    }
    for (Parked **link = &thread->parked; *link != NULL; link = &(*link)->next) {
        found = find_in_chain((*link)->top, frame);
        if (found != NULL && found->code == info) {
            Parked *parked = *link;
            *link = parked->next;
            park(thread);
            thread->top = parked->top;
            drop_until(thread, found);
            free(parked);
            put_stack(thread);
            return found;
        }
    }
    /* A frame that was running before recording began. */
    settle_caller(thread, frame);
    return adopt_frame(thread, frame, code, info);
}

/* ---- the events ---- */

/* An event with a value: what the value refers to has to be written before the event. */
static void put_event_value(uint8_t event, PyObject *value)
{
    uint8_t *start = R.cursor;
    put_byte(event);
    put_value(value, 0);
    if (UNLIKELY(R.queue_count > 0)) {
        R.cursor = start;
        drain();
        put_byte(event);
        put_value(value, 0);
    }
}

static void put_reenter(Shadow *shadow)
{
    put_byte(ST_REENTER);
    put_unsigned(shadow->call);
    put_unsigned(shadow->code->id);
    put_signed(shadow->line);
    put_unsigned((uint64_t)shadow->caller_lasti);
    put_unsigned(shadow->namespace_id);
}

/* throw() reaches the innermost of generators that delegate to each other: those in between are on
 * the stack without having been resumed. */
static void reenter_delegators(Thread *thread, Frame *frame)
{
    enum { MOST = 256 };
    Frame *between[MOST];
    int count = 0;
    Frame *stop = thread->top != NULL ? thread->top->frame : NULL;
    for (Frame *each = frame->previous; each != NULL && each != stop && count < MOST; each = each->previous) {
        if (suspended_count > 0 && *suspended_place(each) != NULL) {
            between[count++] = each;
        }
    }
    while (count > 0) {
        Shadow *shadow = take_suspended(between[--count]);
        if (shadow == NULL || frame_code(shadow->frame) == NULL) {
            continue;
        }
        shadow->caller_lasti = caller_lasti(thread->top);
        shadow->parent = thread->top;
        thread->top = shadow;
        put_reenter(shadow);
        put_variables(shadow);
        shadow->epoch = R.epoch;
    }
}

/* Whether a line of the caller's own called this frame: it tells of its changes itself then, and nothing else needs
 * looking at. Where C code stands between, it was something else that was called, which may have changed anything;
 * but for making instances and entering contexts. */
static bool is_called_by(Frame *frame, PyCodeObject *code, const Shadow *caller)
{
    Frame *previous = frame_caller(frame);
    bool from_c = frame_is_entry(frame);
    if (previous != NULL && frame_is_shim(previous)) {
        previous = previous->previous;
        from_c = true;
    }
    if (previous != caller->frame) {
        return false;
    }
    return !from_c || is_one_of(code->co_name, called_from_c);
}

/* A frame begins, with its code in `called`, or goes on: what its caller has changed so far is written. */
static inline void leave_caller(Thread *thread, Frame *frame, PyCodeObject *called)
{
    Shadow *caller = thread->top;
    if (caller == NULL) {
        look_after_wanderers();
        return;
    }
    bool direct = entered_directly(frame, caller->frame);
    caller->recorded_calls += called != NULL && (direct || is_called_by(frame, called, caller));
    caller->indirect_calls += !direct;
    midway = true;
    write_changes(caller, false);
    midway = false;
}

static void on_call(PyThreadState *state, Frame *frame, PyCodeObject *code, CodeInfo *info)
{
    Thread *thread = begin_event(state, false);
    if (thread == NULL) {
        return;
    }
    settle_caller(thread, frame);
    note_foreign_caller(thread, frame);
    if (UNLIKELY(suspended_count > 0 && (thread->top == NULL || frame->previous != thread->top->frame))) {
        reenter_delegators(thread, frame); /* throw() calls that of an iterator they delegate to */
    }
    leave_caller(thread, frame, code);
    Shadow *caller = thread->top;
    if (UNLIKELY(info->suspends)) {
        Shadow *dead = take_suspended(frame); /* one that had this address before, and ended silently */
        if (dead != NULL) {
            free_shadow(dead);
        }
    }
    Shadow *shadow = push_shadow(thread, frame, info, code);
    if (shadow == NULL) {
        R.inside = false;
        stop_recording(GAP_OUT_OF_MEMORY);
        return;
    }
    shadow->task = 0;
    shadow->caller_lasti = caller_lasti(caller);
    Entry *space = shadow->namespace_entry;
    if (UNLIKELY(space != NULL && (space->flags & (ENTRY_NAMESPACE | ENTRY_PENDING)) == ENTRY_NAMESPACE)) {
        put_contents(space, OB_SNAPSHOT); /* eval()'s locals: whoever made them may have changed them since */
    }
    put_push(shadow);
    if (UNLIKELY(info->coroutine || thread->task != 0)) {
        note_task(thread, shadow);
    }
    shadow->pending = NULL;
    put_variables(shadow);
    if (info->slots > 0) { /* arguments that were known already may have changed meanwhile */
        R.round++;
        look_budget = LOOK_BUDGET;
        Where where = {NULL, shadow, false};
        for (int i = 0; i < info->slots; i++) {
            if (shadow->slots[i].entry != NULL) {
                look_at(shadow->slots[i].entry, &where, 0);
            }
        }
        drain();
    }
    put_time();
    put_byte(EV_CALL);
    end_event(EV_CALL);
}

/* What is found by attributes of what is handed over. */
static void note_attributes(Entry *entry, const LineInfo *line, int depth)
{
    for (uint32_t bits = line->handed; bits; bits &= bits - 1) {
        PyObject *value = find_attribute(entry->object, entry->info, line->attributes[__builtin_ctz(bits)]);
        Entry *found = value != NULL && !is_inert(value) ? find_entry(value) : NULL;
        if (found != NULL) {
            note_references(found);
            if (found->info->has_attributes && depth < 3) {
                note_attributes(found, line, depth + 1);
            }
        }
    }
}

static inline void note_one_handed_over(Entry *entry, const LineInfo *line)
{
    note_references(entry);
    if (line->handed && entry->info->has_attributes && entry->info->shape != SHAPE_CLASS) {
        note_attributes(entry, line, 0);
    }
}

/* What a line that calls code which isn't recorded may hand over. */
static void note_what_is_handed_over(const Shadow *shadow, LineInfo *line)
{
    for (int word = 0; word < shadow->code->words; word++) {
        uint64_t bits = slots_to_look_at(shadow, line, word);
        while (bits) {
            Entry *entry = shadow->slots[word * 64 + __builtin_ctzll(bits)].entry;
            bits &= bits - 1;
            if (entry != NULL && entry->object != NULL) {
                note_one_handed_over(entry, line);
            }
        }
    }
    PyObject *space = shadow->namespace_entry != NULL ? shadow->namespace_entry->object : frame_globals(shadow->frame);
    for (int i = 0; i < line->global_count && space != NULL && PyDict_Check(space); i++) {
        PyObject *value = shadow->namespace_entry != NULL ? dict_find(space, line->globals[i].name)
                                                          : read_global(&line->globals[i], space);
        Entry *entry = value != NULL && !is_inert(value) ? find_entry(value) : NULL;
        if (entry != NULL) {
            note_one_handed_over(entry, line);
        }
    }
}

static inline void put_line(Shadow *shadow, int line)
{
    write_changes(shadow, true);
    put_time();
    int delta = line - shadow->line;
    if (LIKELY(delta >= -64 && delta < 64)) {
        put_byte((uint8_t)(EV_LINE_SHORT + delta + 64));
    }
    else {
        put_byte(EV_LINE);
        put_signed(delta);
    }
    shadow->line = line;
    LineInfo *pending = line_info(shadow->code, line);
    if (pending != NULL && pending->next != NULL &&
        frame_lasti(shadow->frame, shadow->code_object) >= pending->next_unit) {
        pending = pending->next;
    }
    shadow->pending = pending;
    shadow->began = R.events;
    shadow->recorded_calls = shadow->indirect_calls = 0;
    shadow->result_count = 0;
    if (pending != NULL && pending->wild_calls > 0) {
        note_what_is_handed_over(shadow, pending);
    }
    if (UNLIKELY(shadow->code->stops) && stops_at(shadow->code->stops, line)) {
        stop_wanted = R.attention = true;
    }
    end_event(EV_LINE);
}

/* The common case: the same thread goes on in the frame of its last event. */
static inline void on_known_line(Thread *thread, Shadow *shadow, int line)
{
    if (UNLIKELY(!begin_write())) {
        return;
    }
    R.inside = true;
    if (UNLIKELY(R.events >= R.chunk_end_event || R.head >= R.chunk_end_head)) {
        begin_chunk();
    }
    thread->passing = false;
    thread->raised_in = NULL;
    put_line(shadow, line);
}

static void on_line(PyThreadState *state, Frame *frame, PyCodeObject *code, CodeInfo *info, int line)
{
    Thread *thread = begin_event(state, false);
    if (thread == NULL) {
        return;
    }
    Shadow *shadow = shadow_of(thread, frame, code, info);
    if (UNLIKELY(shadow == NULL)) {
        R.inside = false;
        return;
    }
    put_line(shadow, line);
}

static void pop_shadow(Thread *thread)
{
    Shadow *shadow = thread->top;
    for (int i = 0; UNLIKELY(wanderer_count > 0) && i < shadow->code->slots; i++) {
        count_slot(&shadow->slots[i], -1);
    }
    thread->top = shadow->parent;
    free_shadow(shadow);
}

static void on_return(PyThreadState *state, Frame *frame, PyCodeObject *code, CodeInfo *info, PyObject *value)
{
    Thread *thread = begin_event(state, false);
    if (thread == NULL) {
        return;
    }
    Shadow *shadow = shadow_of(thread, frame, code, info);
    if (shadow == NULL) {
        R.inside = false;
        return;
    }
    write_changes(shadow, false); /* its loops are over */
    put_time();
    put_event_value(EV_RETURN, value);
    R.events++;
    Entry *space = shadow->namespace_entry;
    if (UNLIKELY(space != NULL && space->object != NULL && !(space->flags & (ENTRY_NAMESPACE | ENTRY_PENDING)))) {
        start_wandering(space, 0, true); /* whoever makes a class of it may change it yet */
    }
    value = note_outcome(shadow, value);
    pop_shadow(thread);
    note_result(thread->top, frame, value);
    leave_task(thread, shadow);
    end_callback(EV_RETURN);
}

static void on_yield(PyThreadState *state, Frame *frame, PyCodeObject *code, CodeInfo *info, PyObject *value)
{
    Thread *thread = begin_event(state, false);
    if (thread == NULL) {
        return;
    }
    Shadow *shadow = shadow_of(thread, frame, code, info);
    if (shadow == NULL) {
        R.inside = false;
        return;
    }
    write_changes(shadow, true);
    put_time();
    put_event_value(EV_YIELD, value);
    R.events++;
    thread->top = shadow->parent;
    shadow->epoch = R.epoch;
    suspend(shadow);
    note_result(thread->top, frame, value);
    leave_task(thread, shadow);
    end_callback(EV_YIELD);
}

/* A suspended frame goes on; `thrown` is the exception thrown into it, or NULL. */
static void on_resume(PyThreadState *state, Frame *frame, PyCodeObject *code, CodeInfo *info, PyObject *thrown)
{
    Thread *thread = begin_event(state, false);
    if (thread == NULL) {
        return;
    }
    settle_caller(thread, frame);
    note_foreign_caller(thread, frame);
    leave_caller(thread, frame, NULL);
    if (thrown != NULL) {
        reenter_delegators(thread, frame);
    }
    Shadow *caller = thread->top;
    Shadow *shadow = take_suspended(frame);
    if (shadow != NULL && shadow->code != info) {
        free_shadow(shadow);
        shadow = NULL;
    }
    bool known = shadow != NULL && shadow->epoch == R.epoch;
    if (shadow == NULL) { /* it was suspended before recording began */
        shadow = adopt_frame(thread, frame, code, info);
        if (shadow == NULL) {
            R.inside = false;
            return;
        }
        known = true;
    }
    else {
        shadow->parent = caller;
        thread->top = shadow;
        shadow->caller_lasti = caller_lasti(caller);
        put_reenter(shadow);
    }
    shadow->epoch = R.epoch;
    if (UNLIKELY(info->coroutine || thread->task != 0)) {
        note_task(thread, shadow);
    }
    if (!known) {
        put_variables(shadow);
    }
    put_time();
    if (thrown != NULL) {
        R.round++;
        look_budget = LOOK_BUDGET / 4;
        Where where = {NULL, shadow, true};
        look_at_value(thrown, &where, 0);
        drain();
        put_event_value(EV_THROW, thrown);
    }
    else {
        put_byte(EV_RESUME);
    }
    end_event(EV_RESUME);
    /* the line goes on where it was suspended: what it stores now belongs to it */
}

/* An exception that has come out of another frame has that frame's entry in its traceback (unless
 * the frame raised it again): needed only where the unwind didn't tell which exception it was. */
static bool came_from_below(PyObject *exception)
{
    PyObject *traceback = exception != NULL ? ((PyBaseExceptionObject *)exception)->traceback : NULL;
    return traceback != NULL && PyTraceBack_Check(traceback) && ((PyTracebackObject *)traceback)->tb_next != NULL;
}

/* `swallowed`: the instruction at which it is raised takes it, as the end of an iteration. */
static void on_exception(uint8_t event, PyThreadState *state, Frame *frame, PyCodeObject *code, CodeInfo *info,
                         PyObject *exception, int lasti, int line, bool swallowed)
{
    Thread *thread = begin_event(state, true);
    if (thread == NULL) {
        return;
    }
    Entry *known = exception != NULL ? find_entry(exception) : NULL;
    bool passing = event == EV_RAISE && thread->passing &&
                   (thread->raising != NULL ? thread->raising == exception && known != NULL && known->id == thread->raising_id
                                            : came_from_below(exception));
    thread->passing = event == EV_UNWIND;
    thread->raising = exception;
    thread->raised_in = event == EV_RAISE && !swallowed ? frame : NULL;
    Shadow *shadow = shadow_of(thread, frame, code, info);
    if (shadow == NULL) {
        R.inside = false;
        return;
    }
    if (event == EV_RAISE && !swallowed) {
        shadow->exception = exception;
    }
    if (passing) { /* it was raised below, and passes through this frame */
        publish(); /* the thread may be another one */
        R.inside = false;
        return;
    }
    write_changes(shadow, false);
    put_time();
    if (exception != NULL) {
        R.round++;
        look_budget = LOOK_BUDGET / 4;
        Where where = {NULL, shadow, !swallowed};
        look_at_value(exception, &where, 0); /* known ones may have got notes or a cause */
        drain();
    }
    known = exception != NULL ? find_entry(exception) : NULL;
    thread->raising_id = known != NULL ? known->id : 0;
    put_byte(event);
    put_unsigned((uint64_t)(lasti >= 0 ? lasti + 1 : 0));
    put_signed(line > 0 ? line - shadow->line : 0);
    put_value(exception, 0); /* known by now: it has just been looked at */
    R.events++;
    drain();
    if (event == EV_UNWIND) {
        pop_shadow(thread);
        leave_task(thread, shadow);
    }
    else if (line > 0) {
        shadow->line = line;
    }
    if (event == EV_RAISE && R.next_checkpoint != UINT64_MAX && seems_uncaught(frame)) {
        R.attention = true;
    }
    end_callback(event);
}

/* Nothing more is recorded; what is in the ring stays for the writer. */
static void stop_recording(int reason)
{
    if (!R.active) {
        return;
    }
    R.active = false;
    if (R.ring == NULL) {
        return;
    }
    if (R.head - R.tail_seen + 64 < R.capacity) {
        R.origin = R.cursor = R.data + (R.head & R.mask);
        put_byte(ST_GAP);
        put_byte((uint8_t)reason);
        put_unsigned(0);
        publish();
    }
    __atomic_store_n(&R.ring->abandoned, reason == GAP_WRITER_GONE, __ATOMIC_RELEASE);
    __atomic_store_n(&R.ring->attached, 2, __ATOMIC_RELEASE);
}
