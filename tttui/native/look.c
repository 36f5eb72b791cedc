/* Looking around: the objects that a line may have reached from the variables it reads. */
#include "recorder.h"

/* Objects that one line may make the recorder look at, and how far from a variable. */
#define LOOK_BUDGET 64
#define LOOK_DEPTH 6
/* Containers up to this length are followed into whole by a line with a subscript. */
#define FOLLOW_ITEMS 64

static int look_budget;

static void look_at(Entry *entry, const Where *where, int depth);

static void look_at_value(PyObject *value, const Where *where, int depth)
{
    if (value == NULL) {
        return;
    }
    PyTypeObject *type = Py_TYPE(value);
    if (type == &PyLong_Type || type == &PyUnicode_Type || type == &PyFloat_Type || value == Py_None) {
        return;
    }
    if (LIKELY(dies_watched(type))) {
        Entry *known = find_entry(value);
        if (known != NULL) {
            look_at(known, where, depth);
            return;
        }
    }
    TypeInfo *info = NULL;
    int kind = value_kind(value, &info);
    if (kind == KIND_TRACKED) {
        current_depth = depth;
        Entry *entry = entry_of(value, info);
        if (entry != NULL) {
            look_at(entry, where, depth);
        }
    }
    else if (PyWeakref_CheckProxy(value)) { /* what is done to a proxy is done to its object */
        look_at_value(((PyWeakReference *)value)->wr_object, where, depth + 1);
    }
    else if (type == &PyMemoryView_Type) {
        look_at_value(PyMemoryView_GET_BASE(value), where, depth + 1);
    }
    else if (kind == KIND_TUPLE && depth < LOOK_DEPTH && --look_budget > 0 && _PyObject_GC_IS_TRACKED(value)) {
        Py_ssize_t size = PyTuple_GET_SIZE(value);
        for (Py_ssize_t i = 0; i < size && i < 16; i++) {
            look_at_value(PyTuple_GET_ITEM(value, i), where, depth + 1);
        }
    }
    else if (kind == KIND_NAMED && depth < LOOK_DEPTH) {
        PyObject *parts[16];
        Py_ssize_t length, count = named_parts(value, info, parts, 16, &length);
        for (Py_ssize_t i = 0; i < count; i++) {
            look_at_value(parts[i], where, depth + 1);
        }
    }
}

/* Most of what objects hold are values that have no content of their own. */
static inline void look_at_child(PyObject *value, const Where *where, int depth)
{
    if (value != NULL) {
        PyTypeObject *type = Py_TYPE(value);
        if (type != &PyLong_Type && type != &PyUnicode_Type && type != &PyBool_Type && value != Py_None &&
            type != &PyFloat_Type) {
            look_at_value(value, where, depth + 1);
        }
    }
}

static void look_at_pairs(PyDictObject *dict, const Where *where, int depth)
{
    Py_ssize_t end = dict_end(dict), left = CHECK_ITEMS;
    Pair pair;
    for (Py_ssize_t i = 0; i < end && left > 0; i++) {
        if (dict_entry(dict, i, &pair)) {
            look_at_child(pair.value, where, depth);
            left--;
        }
    }
}

/* Unknown code may have changed anything that it could reach. */
static void look_at_all_children(Entry *entry, const Where *where, int depth)
{
    PyObject *object = entry->object;
    TypeInfo *info = entry->info;
    uint8_t shape = info->shape;
    if (entry->flags & ENTRY_ATOMS) {
        /* nothing to follow among its items */
    }
    else if (shape == SHAPE_LIST) {
        for (Py_ssize_t i = 0; i < Py_SIZE(object) && i < CHECK_ITEMS; i++) {
            look_at_child(PyList_GET_ITEM(object, i), where, depth);
        }
    }
    else if (shape == SHAPE_DICT) {
        look_at_pairs((PyDictObject *)object, where, depth);
    }
    else if (has_items(shape)) {
        PyObject *children[CHECK_ITEMS];
        size_t count = gather_items(object, shape, scratch_items, 0, CHECK_ITEMS);
        for (size_t i = 0; i < count; i++) {
            children[i] = scratch_items[i].value;
        }
        for (size_t i = 0; i < count; i++) {
            look_at_child(children[i], where, depth);
        }
    }
    if (shape == SHAPE_EXCEPTION || shape == SHAPE_CLASS) {
        PyObject *children[CHECK_ITEMS];
        size_t count = gather_attributes(object, info);
        count = count < CHECK_ITEMS ? count : CHECK_ITEMS;
        for (size_t i = 0; i < count; i++) {
            children[i] = scratch_attributes[i].value;
        }
        for (size_t i = 0; i < count; i++) {
            look_at_child(children[i], where, depth);
        }
    }
    else if (info->has_attributes) {
        for (int i = 0; i < info->member_count; i++) {
            look_at_child(*(PyObject **)((char *)object + info->members[i].offset), where, depth);
        }
        Attributes found = instance_attributes(object, info->type);
        if (found.values != NULL && found.keys != NULL) {
            for (int i = 0; i < found.count; i++) {
                look_at_child(found.values[inserted_at(&found, i)], where, depth);
            }
        }
        else if (found.dict != NULL && PyDict_Check(found.dict)) {
            look_at_pairs((PyDictObject *)found.dict, where, depth);
        }
    }
}

static void look_at_items(Entry *entry, const Where *where, int depth)
{
    PyObject *object = entry->object;
    uint8_t shape = entry->info->shape;
    Py_ssize_t length = container_length(object, shape);
    if (entry->flags & ENTRY_ATOMS) {
        return;
    }
    if (length <= FOLLOW_ITEMS && shape == SHAPE_LIST) {
        for (Py_ssize_t i = 0; i < length; i++) {
            look_at_child(PyList_GET_ITEM(object, i), where, depth);
        }
        return;
    }
    if (length <= FOLLOW_ITEMS && shape == SHAPE_DICT && !PyODict_Check(object)) {
        look_at_pairs((PyDictObject *)object, where, depth);
        return;
    }
    if (length <= FOLLOW_ITEMS) {
        PyObject *children[FOLLOW_ITEMS];
        size_t count = gather_items(object, shape, scratch_items, 0, FOLLOW_ITEMS);
        for (size_t i = 0; i < count; i++) {
            children[i] = scratch_items[i].value;
        }
        for (size_t i = 0; i < count; i++) {
            look_at_value(children[i], where, depth + 1);
        }
        return;
    }
    PyObject *keys[CANDIDATES];
    size_t count = candidate_keys(where, keys), found = 0;
    for (size_t i = 0; i < count; i++) {
        Py_ssize_t index;
        PyObject *value = NULL;
        if (shape == SHAPE_DICT) {
            value = dict_find(object, keys[i]);
        }
        else if (shape == SHAPE_LIST && small_index(keys[i], length, &index)) {
            value = PyList_GET_ITEM(object, index);
        }
        found += value != NULL;
        look_at_value(value, where, depth + 1);
    }
    if (found == 0 && (where->line->flags & (LINE_CALLS | LINE_SETS_ITEM))) {
        budget_spent = true; /* one of very many, and it can't be told which */
    }
}

/* An attribute as the program reaches it: the object's own, else that of a class of the program. */
static PyObject *reach_attribute(PyObject *object, TypeInfo *info, PyObject *name)
{
    PyObject *found = info->shape == SHAPE_CLASS ? NULL : find_attribute(object, info, name);
    PyTypeObject *type = info->shape == SHAPE_CLASS ? (PyTypeObject *)object : info->type;
    PyObject *mro = type->tp_mro;
    for (Py_ssize_t i = 0; found == NULL && mro != NULL && i < PyTuple_GET_SIZE(mro); i++) {
        PyTypeObject *base = (PyTypeObject *)PyTuple_GET_ITEM(mro, i);
        if (!(base->tp_flags & Py_TPFLAGS_HEAPTYPE) || !type_info(base)->user || type_dict(base) == NULL) {
            continue;
        }
        found = dict_find(type_dict(base), name);
    }
    return found;
}

static void look_at(Entry *entry, const Where *where, int depth)
{
    if (entry->round == R.round || entry->object == R.builtins) {
        return;
    }
    if (--look_budget < 0) {
        budget_spent = true;
        return;
    }
    entry->round = R.round;
    current_depth = entry->depth + 1;
    check_entry(entry, where);
    const LineInfo *line = where->line;
    if (depth >= LOOK_DEPTH || (line == NULL && !where->loose) || (entry->flags & ENTRY_NAMESPACE)) {
        return;
    }
    uint8_t shape = entry->info->shape;
    if (where->loose) {
        look_at_all_children(entry, where, depth);
    }
    else if (shape == SHAPE_CELL) {
        look_at_value(((PyCellObject *)entry->object)->ob_ref, where, depth + 1);
    }
    else if (shape == SHAPE_ARRAY) {
        look_at_value(array_base(entry->object), where, depth + 1);
    }
    else {
        if (has_attributes(entry->info)) {
            for (int i = 0; i < line->attribute_count; i++) {
                look_at_value(reach_attribute(entry->object, entry->info, line->attributes[i]), where, depth + 1);
            }
        }
        if ((line->flags & LINE_SUBSCRIPTS) && (shape == SHAPE_LIST || shape == SHAPE_DICT || shape == SHAPE_DEQUE)) {
            look_at_items(entry, where, depth);
        }
    }
}
