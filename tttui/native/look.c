/* Looking around: the objects that a line may have reached from the variables it reads. */
#include "recorder.h"

/* Objects that one line may make the recorder look at, and how far from a variable. */
#define LOOK_BUDGET 64
#define LOOK_DEPTH 6
/* Containers up to this length are followed into whole by a line with a subscript. */
#define FOLLOW_ITEMS 64

static int look_budget;
static bool library_met; /* objects were met whose methods aren't recorded */

static inline CodeInfo *code_info(PyCodeObject *code, PyObject *globals);
static void look_at(Entry *entry, const Where *where, int depth);
static void look_behind(PyObject *value, const Where *where, int depth);
static void write_module_names(PyObject *module, const Where *where);

static void look_at_value(PyObject *value, const Where *where, int depth);

static void look_at_referent(PyObject *reference, const Where *where, int depth)
{
    PyObject *object = ((PyWeakReference *)reference)->wr_object;
    if (depth < LOOK_DEPTH && object != NULL && Py_REFCNT(object) > 0) {
        look_at_value(object, where, depth + 1);
    }
}

static void look_at_tuple(PyObject *tuple, const Where *where, int depth)
{
    Py_ssize_t size = PyTuple_GET_SIZE(tuple), index;
    const LineInfo *line = where->line;
    bool known = line != NULL && !where->loose && !(line->flags & (LINE_ODD_KEYS | LINE_EACH));
    if (size > 16) { /* only what the line takes out of it, where that is known */
        for (int i = 0; known && i < line->plan_count; i++) {
            Key key;
            known = find_key(where->shadow, &line->plans[i], &key);
            if (known && index_of_key(&key, size, &index)) {
                look_at_value(PyTuple_GET_ITEM(tuple, index), where, depth + 1);
            }
        }
        if (known || (line != NULL && !where->loose && !(line->flags & (LINE_MUTATES | LINE_EACH)))) {
            return;
        }
        for (index = 0; index < 8; index++) {
            TypeInfo *info = NULL;
            int kind = value_kind(PyTuple_GET_ITEM(tuple, index), &info);
            budget_spent |= kind == KIND_TRACKED || kind == KIND_TUPLE || kind == KIND_NAMED;
        }
    }
    for (index = 0; index < size && index < 16; index++) {
        look_at_value(PyTuple_GET_ITEM(tuple, index), where, depth + 1);
    }
}

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
    else if (PyWeakref_Check(value)) { /* what is done to a proxy is done to its object; a reference gives it */
        look_at_referent(value, where, depth);
    }
    else if (type == &PyMemoryView_Type) {
        look_at_value(PyMemoryView_GET_BASE(value), where, depth + 1);
    }
    else if (kind == KIND_TUPLE && depth < LOOK_DEPTH && --look_budget > 0 && _PyObject_GC_IS_TRACKED(value)) {
        look_at_tuple(value, where, depth);
    }
    else if (kind == KIND_NAMED && depth < LOOK_DEPTH) {
        PyObject *parts[16];
        Py_ssize_t length, count = named_parts(value, info, parts, 16, &length);
        for (Py_ssize_t i = 0; i < count; i++) {
            look_at_value(parts[i], where, depth + 1);
        }
    }
    else if (type == &PyModule_Type) {
        if (where->line != NULL && where->line->flags & LINE_SETS_ATTRIBUTE) {
            write_module_names(value, where);
        }
    }
    else if ((kind == KIND_OPAQUE || kind == KIND_LABEL) && (where->loose || (where->line != NULL && where->line->flags & LINE_CALLS))) {
        look_behind(value, where, depth);
    }
}

typedef struct {
    PyObject *found[16];
    size_t count;
} Referents;

static int note_referent(PyObject *object, void *referents)
{
    Referents *noted = referents;
    if (noted->count < sizeof noted->found / sizeof *noted->found && !PyType_Check(object) && !PyModule_Check(object)) {
        noted->found[noted->count++] = object;
    }
    return 0;
}

static bool is_recorded_code(PyObject *code, PyObject *globals)
{
    return PyCode_Check(code) && code_info((PyCodeObject *)code, globals)->recorded;
}

/* What code behind a value that isn't looked into may change: what a built-in method is of, what an iterator goes
 * through, what a function of a library encloses. Recorded code tells of its changes itself. */
static void look_behind(PyObject *value, const Where *where, int depth)
{
    PyTypeObject *type = Py_TYPE(value);
    if (depth >= LOOK_DEPTH || PyType_Check(value) || PyCode_Check(value) || PyFrame_Check(value) ||
        PyTraceBack_Check(value)) {
        return;
    }
    if (type == &PyCFunction_Type) {
        PyObject *self = ((PyCFunctionObject *)value)->m_self;
        if (self != NULL && !PyModule_Check(self) && !PyType_Check(self)) {
            look_at_value(self, where, depth + 1);
        }
        return;
    }
    if (!_PyType_IS_GC(type) || type->tp_traverse == NULL) {
        return;
    }
    if (type == &PyFunction_Type) {
        PyFunctionObject *function = (PyFunctionObject *)value;
        for (int i = 0; where->line != NULL && function->func_dict != NULL && i < where->line->attribute_count; i++) {
            look_at_value(dict_find(function->func_dict, where->line->attributes[i]), where, depth + 1);
        }
        if (function->func_defaults != NULL && where->line != NULL && where->line->attribute_count > 0) {
            look_at_value(function->func_defaults, where, depth + 1);
        }
        if (function->func_closure == NULL || is_recorded_code(function->func_code, function->func_globals)) {
            return;
        }
        value = function->func_closure;
        type = Py_TYPE(value);
    }
    else if (PyGen_CheckExact(value) || PyCoro_CheckExact(value) || PyAsyncGen_CheckExact(value)) {
        PyCodeObject *code = generator_code(value);
        if (code == NULL || is_recorded_code((PyObject *)code, NULL)) {
            return;
        }
    }
    if (--look_budget < 0) {
        budget_spent = true;
        return;
    }
    Referents referents = {.count = 0};
    type->tp_traverse(value, note_referent, &referents);
    for (size_t i = 0; i < referents.count; i++) {
        look_at_value(referents.found[i], where, depth + 1);
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
    if (entry->info->shape == SHAPE_CLASS) { /* what it has from the classes that it is made of */
        PyObject *bases = ((PyTypeObject *)entry->object)->tp_bases;
        for (Py_ssize_t i = 0; bases != NULL && i < PyTuple_GET_SIZE(bases); i++) {
            if (Py_TYPE(PyTuple_GET_ITEM(bases, i))->tp_flags & Py_TPFLAGS_TYPE_SUBCLASS) {
                look_at_value(PyTuple_GET_ITEM(bases, i), where, depth + 1);
            }
        }
    }
    else if (PyWeakref_Check(entry->object)) {
        look_at_referent(entry->object, where, depth);
    }
}

/* Whether methods and operators of an object may be a library's. */
static inline bool has_library_methods(const TypeInfo *info) { return info->mixed || info->shape == SHAPE_FOREIGN; }

/* Whether the first of many items are objects that change: then so are the others. */
static bool holds_objects(const Entry *entry)
{
    size_t count = gather_items(entry->object, entry->info->shape, scratch_items, 0, 8);
    for (size_t i = 0; i < count; i++) {
        TypeInfo *info = NULL;
        int kind = scratch_items[i].value != NULL ? value_kind(scratch_items[i].value, &info) : KIND_NONE_;
        if (kind == KIND_TRACKED || kind == KIND_TUPLE || kind == KIND_NAMED) {
            return true;
        }
    }
    return false;
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
    const LineInfo *line = where->line;
    bool known = !(line->flags & (LINE_ODD_KEYS | LINE_EACH)) && (shape == SHAPE_LIST || shape == SHAPE_DICT);
    for (int i = 0; known && i < line->plan_count; i++) {
        Key key;
        Py_ssize_t index;
        Pair pair = {NULL, NULL};
        known = find_key(where->shadow, &line->plans[i], &key);
        if (known && shape == SHAPE_LIST && index_of_key(&key, length, &index)) {
            pair.value = PyList_GET_ITEM(object, index);
        }
        else if (known && shape == SHAPE_DICT && (index = place_of_key((PyDictObject *)object, &key)) >= 0) {
            dict_entry((PyDictObject *)object, index, &pair);
        }
        look_at_value(pair.value, where, depth + 1);
    }
    if (!known && (line->flags & (LINE_MUTATES | LINE_EACH)) && holds_objects(entry)) {
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
    if (entry->info->shape == SHAPE_CLASS) { /* the dict that holds its attributes may be a value too (3.14: of __classdict__) */
        PyObject *dict = type_dict((PyTypeObject *)entry->object);
        Entry *shared = dict != NULL ? find_entry(dict) : NULL;
        if (shared != NULL) {
            check_entry(shared, where);
        }
    }
    const LineInfo *line = where->line;
    Where inside;
    if (UNLIKELY(!where->loose && line != NULL && has_library_methods(entry->info) && (line->flags & (LINE_OPERATES | LINE_CALLS)))) {
        inside = *where;
        inside.loose = true;
        where = &inside;
        library_met = true;
    }
    if (can_wander(entry->info)) {
        uint32_t references = references_to(entry->object);
        if (UNLIKELY(where->loose && references > entry->references)) {
            let_wander(entry, entry->references); /* whoever was called may have kept it */
        }
        entry->references = references;
    }
    else if (UNLIKELY(shared_dict(entry->object, entry->info) != NULL)) {
        let_wander(entry, 0);
    }
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
        if ((line->flags & (LINE_SUBSCRIPTS | LINE_ITERATES | LINE_EACH)) &&
            (shape == SHAPE_LIST || shape == SHAPE_DICT || shape == SHAPE_DEQUE || shape == SHAPE_SET ||
             shape == SHAPE_EXCEPTION)) {
            look_at_items(entry, where, depth);
        }
    }
}
