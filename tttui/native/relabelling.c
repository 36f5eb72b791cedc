/* Something that is shown by its name has got another one (renaming.c): wherever it stands is written anew. Mostly that is
 * one variable, right after it was made; else all frames and objects are gone through. */
#include "recorder.h"

#include <stdlib.h>

static Credit relabelling = {MOST_CREDIT, 0};

static bool is_renamed(PyObject *value)
{
    uint64_t name = name_hash(value);
    if (name == 0 || renamed_more) {
        return name != 0;
    }
    for (unsigned i = 0; i < renamed_count; i++) {
        if (renamed[i].name == name) { /* others of that name are written, too: where it stood may be another's address by now */
            return true;
        }
    }
    return false;
}

static inline bool of_renamed_type(const TypeInfo *info) { return types_renamed && info != NULL && info->renamed; }

typedef struct {
    int depth;
    bool whole; /* of an object: its dict is a part of it */
} LabelSearch;

static bool shows_renamed(PyObject *value, int depth);

static int search_labels(PyObject *value, void *argument)
{
    const LabelSearch *search = argument;
    if (search->whole && Py_TYPE(value) == &PyDict_Type && find_entry(value) == NULL) {
        LabelSearch inside = {search->depth + 1, false};
        return Py_TYPE(value)->tp_traverse(value, search_labels, &inside);
    }
    return shows_renamed(value, search->depth + 1);
}

/* Whether what is written of a value holds such a name. */
static bool shows_renamed(PyObject *value, int depth)
{
    if (is_renamed(value)) {
        return true;
    }
    PyTypeObject *type = Py_TYPE(value);
    if (is_plain(value)) {
        return false;
    }
    if (PyTuple_Check(value) || PyFrozenSet_Check(value) || type == &PyMethod_Type || is_c_type(type, "functools.partial")) {
        LabelSearch inside = {depth, false};
        return of_renamed_type(types_renamed ? known_type(type) : NULL) ||
               (depth <= VALUE_DEPTH && type->tp_traverse(value, search_labels, &inside) != 0);
    }
    return types_renamed && of_renamed_type(known_type(type)) && find_entry(value) == NULL;
}

static bool object_shows_renamed(const Entry *entry)
{
    PyObject *object = entry->object;
    if (of_renamed_type(entry->info) || is_renamed(object)) {
        return true;
    }
    if (!(entry->flags & (ENTRY_LABELS | ENTRY_NAMESPACE)) || Py_TYPE(object)->tp_traverse == NULL) {
        return false;
    }
    LabelSearch search = {0, entry->info->has_attributes || entry->info->shape == SHAPE_CLASS};
    return Py_TYPE(object)->tp_traverse(object, search_labels, &search) != 0;
}

static void relabel_object(Entry *entry)
{
    static const Where anywhere = {NULL, NULL, true};
    current_depth = entry->depth + 1;
    if (entry->flags & ENTRY_PENDING) {
        return;
    }
    if (entry->flags & ENTRY_NAMESPACE) {
        PyDictObject *dict = (PyDictObject *)entry->object;
        Pair pair;
        for (Py_ssize_t i = 0; i < dict_end(dict); i++) {
            if (dict_entry(dict, i, &pair) && PyUnicode_CheckExact(pair.key) && !is_dunder(pair.key) && shows_renamed(pair.value, 0)) {
                forget_name(entry, pair.key);
                write_value_of_name(entry, pair.key, pair.value);
            }
        }
        return;
    }
    uint8_t shape = entry->info->shape;
    Py_ssize_t length = has_items(shape) ? container_length(entry->object, shape) : 0;
    if (Py_TYPE(entry->object) != entry->info->type) {
        check_entry(entry, &anywhere);
    }
    else if (length > CHECK_ITEMS) {
        restate(entry, length);
    }
    else {
        put_contents(entry, OB_SNAPSHOT);
    }
}

static int by_id(const void *one, const void *other)
{
    uint64_t a = (*(Entry *const *)one)->id, b = (*(Entry *const *)other)->id;
    return (a > b) - (a < b);
}

static void relabel_objects(void)
{
    size_t count = 0;
    Entry **found = NULL;
    if (spend_from(&relabelling, entry_capacity / 4)) {
        found = malloc((entry_count + 1) * sizeof(Entry *));
    }
    if (found == NULL) {
        put_byte(ST_LOOSE);
        return;
    }
    for (size_t i = 0; i < entry_capacity; i++) {
        if (entries[i] != NULL && object_shows_renamed(entries[i])) {
            found[count++] = entries[i];
        }
    }
    qsort(found, count, sizeof *found, by_id); /* the table is in the order of addresses, which are others when it is run again */
    for (size_t i = 0; i < count; i++) { /* which may add to the table */
        relabel_object(found[i]);
    }
    free(found);
}

/* ---- variables ---- */

static bool slot_shows_renamed(const Shadow *shadow, int index)
{
    PyObject *value = shadow->slots[index].value;
    return value != NULL && value == frame_slot(shadow->frame, index) && shows_renamed(value, 0);
}

static void relabel_variables(Shadow *shadow)
{
    for (int i = 0; i < shadow->code->slots; i++) {
        if (slot_shows_renamed(shadow, i)) {
            PyObject *value = shadow->slots[i].value;
            put_slot(shadow, i, value);
            remember_slot(shadow, i, value);
        }
    }
}

/* The frames below the current one are restated as a whole. */
static void relabel_stack(Thread *thread, Shadow *from)
{
    bool found = false;
    for (Shadow *shadow = from; shadow != NULL; shadow = shadow->parent) {
        for (int i = 0; i < shadow->code->slots; i++) {
            if (slot_shows_renamed(shadow, i)) {
                remember_slot(shadow, i, shadow->slots[i].value);
                found = true;
            }
        }
    }
    if (!found) {
        return;
    }
    if (thread != R.thread) {
        put_byte(ST_THREAD);
        put_unsigned(thread->id);
    }
    put_stack(thread);
    if (thread != R.thread) {
        put_byte(ST_THREAD);
        put_unsigned(R.thread->id);
    }
}

/* Those of generators that wait are restated when they go on. */
static void restate_suspended(void)
{
    for (size_t i = 0; i < suspended_capacity; i++) {
        for (Shadow *each = suspended[i]; each != NULL; each = each->next) {
            each->epoch = 0;
        }
    }
}

/* How often a frame refers to it. */
static Py_ssize_t references_from(const Shadow *shadow, PyObject *object)
{
    Py_ssize_t count = 0;
    for (int i = 0; i < shadow->code->slots; i++) {
        PyObject *value = frame_slot(shadow->frame, i);
        count += (value == object && frame_slot_counts(shadow->frame, i)) || (value != NULL && Py_TYPE(value) == &PyCell_Type && ((PyCellObject *)value)->ob_ref == object);
    }
    return count;
}

/* Whether nothing but a frame, and what it gives back, leads to what was renamed. */
static bool is_alone_in(const Shadow *shadow, PyObject *given)
{
    if (shadow == NULL || renamed_more || types_renamed) {
        return false;
    }
    for (unsigned i = 0; i < renamed_count; i++) {
        PyObject *object = renamed[i].object;
        Py_ssize_t count = references_from(shadow, object);
        if (count == 0 || name_hash(object) != renamed[i].name || Py_REFCNT(object) > count + (object == given)) {
            return false;
        }
    }
    return true;
}

static void define_renamed_types(void)
{
    uint32_t last = R.type_count; /* those behind have been done */
    for (uint32_t id = 0;;) { /* in the order of their ids, not of their addresses */
        TypeInfo *next = NULL;
        for (size_t i = 0; types_renamed && i < type_capacity; i++) {
            TypeInfo *type = types[i];
            if (type != NULL && type->type != NULL && type->renamed && type->id > id && (next == NULL || type->id < next->id)) {
                next = type;
            }
        }
        if (next == NULL || next->id > last) {
            return;
        }
        id = next->id;
        next->id = ++R.type_count;
        enqueue(PENDING_TYPE, next->id, next->type, next->shape);
    }
}

static void settle_renamed(void)
{
    for (size_t i = 0; types_renamed && i < type_capacity; i++) {
        if (types[i] != NULL) {
            types[i]->renamed = false;
        }
    }
    renamed_count = 0;
    renamed_more = types_renamed = false;
}

/* `given`: what the current frame is about to give back. */
static __attribute__((noinline)) void write_new_names(PyObject *given)
{
    Shadow *top = R.thread->top;
    if (is_alone_in(top, given)) {
        relabel_variables(top);
        for (int i = top->code->cells_from; i < top->code->slots; i++) {
            PyObject *cell = frame_slot(top->frame, i);
            Entry *entry = cell != NULL && Py_TYPE(cell) == &PyCell_Type ? find_entry(cell) : NULL;
            if (entry != NULL && object_shows_renamed(entry)) {
                relabel_object(entry);
            }
        }
    }
    else {
        define_renamed_types();
        if (top != NULL) {
            relabel_variables(top);
        }
        for (Thread *thread = R.threads; thread != NULL; thread = thread->next) {
            Shadow *from = thread != R.thread ? thread->top : top != NULL ? top->parent : NULL;
            if (from != NULL && (thread == R.thread || thread_is_alive(thread))) {
                relabel_stack(thread, from);
            }
        }
        restate_suspended();
        relabel_objects();
    }
    drain();
    settle_renamed();
}
