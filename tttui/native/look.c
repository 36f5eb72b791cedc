/* Looking around: the objects that a line may have reached from the variables it reads. */
#include "recorder.h"

/* Objects that one line may make the recorder look at in any case. */
#define LOOK_BUDGET 64
/* The same behind code that isn't recorded, which may have changed anything: what ends that is what it costs. */
#define LOOSE_BUDGET 16
#define LOOSE_DEPTH 60
/* What looking at more of them costs, where they have to be written first, and where not; and how many items are gone
 * through for one credit. */
#define MEETING_COST 1024
#define LOOK_COST 16
#define FOLLOWING_COST 8
#define ITEMS_PER_CREDIT 2
/* Items that are tried of a container that the events since don't pay for. */
#define TRIED_ITEMS 64
/* Where a line changes one of a container's items, and it can't be told which: as many are all looked at. */
#define SEARCHED_ITEMS 1024

static int look_budget;
static Credit looking = {MOST_CREDIT, 0}, *paying = &looking;
static uint64_t library_round; /* the last in which it was found out whether the line reads what is a library's */
static bool library_read;
static bool midway; /* the line isn't over: what it holds on to meanwhile counts for nothing */
static bool loosely_written; /* the line whose changes were written last ran code that isn't recorded */
static uint64_t loose_round;  /* the last in which whatever is reached was looked at, and what lies behind it */
static bool library_met; /* objects were met whose methods aren't recorded */

static inline CodeInfo *code_info(PyCodeObject *code, PyObject *globals);
static void look_behind(PyObject *value, const Where *where, int depth);
static void write_module_names(PyObject *module, const Where *where);
static void look_at_value(PyObject *value, const Where *where, int depth);
static inline void look_at_child(PyObject *value, const Where *where, int depth);

/* Whether one more thing is looked at for this line; where not, the line says so. */
static inline bool may_look(void)
{
    if (LIKELY(--look_budget >= 0) || (!budget_spent && spend_from(paying, paying == &looking ? LOOK_COST : FOLLOWING_COST))) {
        return true;
    }
    budget_spent = true;
    return false;
}

/* Whether what lies behind a value is looked at. Where that is too far, a line that may have changed it says so. */
static inline bool goes_on(const Where *where, int depth)
{
    if (LIKELY(depth < LOOK_DEPTH) || (where->loose && depth < LOOSE_DEPTH)) {
        return true;
    }
    budget_spent |= where->loose;
    return false;
}

static void look_at_referent(PyObject *reference, const Where *where, int depth)
{
    PyObject *object = ((PyWeakReference *)reference)->wr_object;
    if (goes_on(where, depth) && object != NULL && Py_REFCNT(object) > 0) {
        look_at_value(object, where, depth + 1);
    }
}

/* Whether a value may change, or holds what may. */
static inline bool is_object(PyObject *value)
{
    if (value == NULL || Py_TYPE(value) == &PyLong_Type || Py_TYPE(value) == &PyUnicode_Type ||
        Py_TYPE(value) == &PyFloat_Type || value == Py_None) {
        return false;
    }
    TypeInfo *info = NULL;
    int kind = value_kind(value, &info);
    return kind == KIND_TRACKED || kind == KIND_TUPLE || kind == KIND_NAMED || kind == KIND_FROZENSET;
}

static int stop_at_object(PyObject *value, void *unused)
{
    (void)unused;
    return !PyType_Check(value) && is_object(value);
}

static inline bool four_of(PyObject *const *values, const PyTypeObject *type)
{
    return values[0] != NULL && values[1] != NULL && values[2] != NULL && values[3] != NULL &&
           (Py_TYPE(values[0]) == type) & (Py_TYPE(values[1]) == type) & (Py_TYPE(values[2]) == type) & (Py_TYPE(values[3]) == type);
}

/* The same of many values: nearly all of them are of one type. */
static bool any_object(PyObject *const *values, Py_ssize_t end, Py_ssize_t step)
{
    const PyTypeObject *plain = &PyLong_Type; /* one of those whose values are all without content */
    for (Py_ssize_t i = 0; i < end; i += step) {
        while (step == 1 && i + 4 < end && four_of(values + i, plain)) {
            i += 4;
        }
        PyObject *value = values[i];
        if (LIKELY(value != NULL && Py_TYPE(value) == plain)) {
            continue;
        }
        if (is_object(value)) {
            return true;
        }
        if (value != NULL && (Py_TYPE(value) == &PyLong_Type || Py_TYPE(value) == &PyUnicode_Type || Py_TYPE(value) == &PyFloat_Type)) {
            plain = Py_TYPE(value);
        }
    }
    return false;
}

/* Whether there are objects among very many items, where it can't be told which of them is of interest. Where going
 * through all of them isn't paid for, some tell. */
static bool holds_objects(PyObject *object, uint8_t shape)
{
    Py_ssize_t length = container_length(object, shape);
    bool all = spend_from(paying, (uint64_t)length / ITEMS_PER_CREDIT);
    Py_ssize_t end = shape == SHAPE_DICT ? dict_end((PyDictObject *)object) : length;
    Py_ssize_t step = all || end < TRIED_ITEMS ? 1 : end / TRIED_ITEMS;
    if (shape == SHAPE_LIST || shape == SHAPE_TUPLE) {
        return any_object(shape == SHAPE_LIST ? ((PyListObject *)object)->ob_item : ((PyTupleObject *)object)->ob_item, end, step);
    }
    if (shape == SHAPE_DICT) {
        Pair pair;
        for (Py_ssize_t i = 0; i < end; i += step) {
            if (dict_entry((PyDictObject *)object, i, &pair) && (is_object(pair.value) || is_object(pair.key))) {
                return true;
            }
        }
        return false;
    }
    if (all) {
        return Py_TYPE(object)->tp_traverse(object, stop_at_object, NULL) != 0;
    }
    size_t count = gather_items(object, shape, scratch_items, 0, TRIED_ITEMS);
    for (size_t i = 0; i < count; i++) {
        if (is_object(scratch_items[i].value)) {
            return true;
        }
    }
    return false;
}

static void look_at_tuple(PyObject *tuple, const Where *where, int depth)
{
    enum { FEW = 16 };
    Py_ssize_t size = PyTuple_GET_SIZE(tuple), index;
    const LineInfo *line = where->line;
    bool known = line != NULL && !where->loose && !(line->flags & LINE_EACH);
    if (size > FEW) { /* only what the line takes out of it, where that is known */
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
        if (!spend_from(paying, (uint64_t)size / ITEMS_PER_CREDIT)) {
            budget_spent |= holds_objects(tuple, SHAPE_TUPLE);
            size = FEW;
        }
    }
    for (index = 0; index < size && (index < FEW || !budget_spent); index++) {
        look_at_value(PyTuple_GET_ITEM(tuple, index), where, depth + 1);
    }
}

typedef struct {
    const Where *where;
    int depth;
} Visit;

static int visit_child(PyObject *object, void *argument)
{
    const Visit *visit = argument;
    if (!PyModule_Check(object)) {
        look_at_child(object, visit->where, visit->depth);
    }
    return budget_spent;
}

/* The same behind a value that isn't looked into: what classes and modules are is found by other ways. */
static int visit_referent(PyObject *object, void *argument)
{
    const Visit *visit = argument;
    if (!PyType_Check(object) && !PyModule_Check(object)) {
        look_at_value(object, visit->where, visit->depth + 1);
    }
    return 0;
}

/* Whatever an object refers to, in no order. */
static void look_at_referents(PyObject *object, const Where *where, int depth)
{
    Visit visit = {where, depth};
    Py_TYPE(object)->tp_traverse(object, visit_child, &visit);
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
        if (UNLIKELY(noting != NULL)) {
            return; /* it isn't known yet: nothing can be wrong about it */
        }
        if (UNLIKELY(look_budget < 0) && (budget_spent || !spend_from(paying, MEETING_COST))) {
            budget_spent = true;
            return;
        }
        current_depth = depth;
        Entry *entry = entry_of(value, info);
        if (entry != NULL) {
            look_at(entry, where, depth);
        }
    }
    else if (info != NULL && info->weak) { /* what is done to a proxy is done to its object; a reference gives it */
        look_at_referent(value, where, depth);
    }
    else if (type == &PyMemoryView_Type) {
        look_at_value(PyMemoryView_GET_BASE(value), where, depth + 1);
    }
    else if (kind == KIND_TUPLE && goes_on(where, depth) && _PyObject_GC_IS_TRACKED(value) && may_look()) {
        look_at_tuple(value, where, depth);
    }
    else if (kind == KIND_FROZENSET && goes_on(where, depth) && may_look()) {
        if (spend_from(paying, (uint64_t)((PySetObject *)value)->used / ITEMS_PER_CREDIT)) {
            look_at_referents(value, where, depth);
        }
        else {
            budget_spent |= holds_objects(value, SHAPE_FROZENSET);
        }
    }
    else if (kind == KIND_NAMED && goes_on(where, depth)) {
        PyObject *parts[16];
        Py_ssize_t length, count = named_parts(value, info, parts, 16, &length);
        for (Py_ssize_t i = 0; i < count; i++) {
            look_at_value(parts[i], where, depth + 1);
        }
    }
    else if (type == &PyModule_Type) {
        if (where->line != NULL && where->line->flags & LINE_SETS_ATTRIBUTE && noting == NULL) {
            write_module_names(value, where);
        }
        if (where->loose || (where->line != NULL && where->line->flags & (LINE_SETS_ATTRIBUTE | LINE_ALL_NAMES))) {
            check_module_name(value);
        }
    }
    else if ((kind == KIND_OPAQUE || kind == KIND_LABEL) && (where->loose || (where->line != NULL && where->line->flags & LINE_CALLS))) {
        look_behind(value, where, depth);
    }
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
    if (!goes_on(where, depth) || PyType_Check(value) || PyCode_Check(value) || PyFrame_Check(value) ||
        PyTraceBack_Check(value)) {
        return;
    }
    if (PyCFunction_Check(value)) {
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
    if (!may_look()) {
        return;
    }
    Visit visit = {where, depth};
    type->tp_traverse(value, visit_referent, &visit);
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
    Py_ssize_t end = dict_end(dict);
    Pair pair;
    if (end > CHECK_ITEMS && !spend_from(paying, (uint64_t)end / ITEMS_PER_CREDIT)) {
        budget_spent |= holds_objects((PyObject *)dict, SHAPE_DICT);
        return;
    }
    for (Py_ssize_t i = 0; i < end && (i < CHECK_ITEMS || !budget_spent); i++) {
        if (dict_entry(dict, i, &pair)) {
            look_at_child(pair.key, where, depth);
            look_at_child(pair.value, where, depth);
        }
    }
}

static void look_at_list(PyObject *list, const Where *where, int depth)
{
    if (Py_SIZE(list) > CHECK_ITEMS && !spend_from(paying, (uint64_t)Py_SIZE(list) / ITEMS_PER_CREDIT)) {
        budget_spent |= holds_objects(list, SHAPE_LIST);
        return;
    }
    for (Py_ssize_t i = 0; i < Py_SIZE(list) && (i < CHECK_ITEMS || !budget_spent); i++) {
        look_at_child(PyList_GET_ITEM(list, i), where, depth);
    }
}

/* Of sets, queues and what else isn't a list or dict. */
static void look_at_other_items(PyObject *object, uint8_t shape, const Where *where, int depth)
{
    Py_ssize_t length = container_length(object, shape);
    if (length > CHECK_ITEMS && !spend_from(paying, (uint64_t)length / ITEMS_PER_CREDIT)) {
        budget_spent |= holds_objects(object, shape);
        return;
    }
    if (length > CHECK_ITEMS) {
        look_at_referents(object, where, depth);
        return;
    }
    PyObject *children[CHECK_ITEMS];
    size_t count = gather_items(object, shape, scratch_items, 0, CHECK_ITEMS);
    for (size_t i = 0; i < count; i++) {
        children[i] = scratch_items[i].value;
    }
    for (size_t i = 0; i < count; i++) {
        look_at_child(children[i], where, depth);
    }
}

static void look_at_each_item(PyObject *object, uint8_t shape, const Where *where, int depth)
{
    if (shape == SHAPE_LIST) {
        look_at_list(object, where, depth);
    }
    else if (shape == SHAPE_DICT && !PyODict_Check(object)) {
        look_at_pairs((PyDictObject *)object, where, depth);
    }
    else if (has_items(shape)) {
        look_at_other_items(object, shape, where, depth);
    }
}

/* Unknown code may have changed anything that it could reach. */
static void look_at_all_children(Entry *entry, const Where *where, int depth)
{
    PyObject *object = entry->object;
    TypeInfo *info = entry->info;
    uint8_t shape = info->shape;
    if (!(entry->flags & ENTRY_ATOMS)) {
        look_at_each_item(object, shape, where, depth);
    }
    if (shape == SHAPE_EXCEPTION || shape == SHAPE_CLASS) {
        PyObject *children[MAX_ATTRIBUTES];
        size_t count = gather_attributes(object, info);
        for (size_t i = 0; i < count; i++) {
            children[i] = scratch_attributes[i].value;
        }
        for (size_t i = 0; i < count; i++) {
            look_at_child(children[i], where, depth);
        }
    }
    else if (info->has_attributes) {
        for (int i = 0; i < info->member_count; i++) {
            look_at_child(member_of(object, &info->members[i]), where, depth);
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
    else if (entry->info->weak) {
        look_at_referent(entry->object, where, depth);
    }
}

/* Whether methods and operators of an object may be a library's. */
static inline bool has_library_methods(const TypeInfo *info) { return info->mixed || info->shape == SHAPE_FOREIGN; }

static void look_at_items(Entry *entry, const Where *where, int depth)
{
    PyObject *object = entry->object;
    uint8_t shape = entry->info->shape;
    Py_ssize_t length = container_length(object, shape);
    if (entry->flags & ENTRY_ATOMS) {
        return;
    }
    const LineInfo *line = where->line;
    if (length <= CHECK_ITEMS && (noting == NULL || line->flags & LINE_EACH)) {
        look_at_each_item(object, shape, where, depth);
        return;
    }
    bool known = !(line->flags & LINE_EACH) && (shape == SHAPE_LIST || shape == SHAPE_DICT || shape == SHAPE_SET || line->plan_count == 0);
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
        else if (known && shape == SHAPE_DICT && met_other_key) {
            known = false;
        }
        look_at_value(pair.value, where, depth + 1);
    }
    if (known || !(line->flags & (LINE_MUTATES | LINE_EACH))) {
        return;
    }
    if (length <= SEARCHED_ITEMS && spend_from(paying, LOOK_COST * (uint64_t)length)) { /* one of them, and it can't be told which */
        look_budget += (int)length;
        look_at_each_item(object, shape, where, depth);
    }
    else {
        budget_spent |= holds_objects(object, shape);
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

static inline PyObject *read_global(GlobalRead *read, PyObject *globals);

/* Whether a value belongs to code that isn't recorded: a module or object of it. */
static bool is_of_library(PyObject *value)
{
    if (PyModule_Check(value)) {
        PyObject *dict = PyModule_GetDict(value);
        return dict == NULL || find_entry(dict) == NULL;
    }
    const Entry *entry = find_entry(value);
    return entry != NULL && entry->info->shape == SHAPE_FOREIGN;
}

/* Whether a line reads something of a library's: what it stores there is kept, what it takes from there is as well. */
static inline bool reads_library(const Shadow *shadow, LineInfo *line)
{
    if (LIKELY(line->global_count == 0 && !shadow->holds_library)) {
        return false;
    }
    for (int word = 0; shadow->holds_library && word < shadow->code->words; word++) {
        uint64_t bits = word == 0 ? line->loads[0] & shadow->holding : line->loads[word];
        for (; bits; bits &= bits - 1) {
            const Entry *entry = shadow->slots[word * 64 + __builtin_ctzll(bits)].entry;
            if (entry != NULL && entry->object != NULL && entry->info->shape == SHAPE_FOREIGN) {
                return true;
            }
        }
    }
    PyObject *space = shadow->namespace_entry != NULL ? shadow->namespace_entry->object : frame_globals(shadow->frame);
    for (int i = 0; i < line->global_count && space != NULL && PyDict_Check(space); i++) {
        PyObject *value = shadow->namespace_entry != NULL ? dict_find(space, line->globals[i].name)
                                                          : read_global(&line->globals[i], space);
        if (value != NULL && is_of_library(value)) {
            return true;
        }
    }
    return false;
}

static bool stores_in_library(const Where *where)
{
    if (where->line == NULL || !(where->line->flags & (LINE_MUTATES | LINE_SETS_ATTRIBUTE | LINE_SETS_ITEM))) {
        return false;
    }
    if (library_round != R.round) {
        library_round = R.round;
        library_read = reads_library(where->shadow, where->line);
    }
    return library_read;
}

/* More refers to an object than did before a line, or may do so. */
static void note_handing_over(Entry *entry, uint32_t references, const Where *where)
{
    if (references > entry->references) {
        bool certain = where->loose || stores_in_library(where);
        if (certain || (where->line != NULL && where->line->flags & LINE_CALLS)) { /* a library's object may turn up yet */
            note_handed(entry, entry->references, certain);
        }
    }
    else if (is_referred_to_weakly(entry->object)) {
        let_wander(entry, references);
    }
}

/* A class of flags gets to know members when their values are first asked for: `Permission.READ | Permission.WRITE`. */
static void look_at_flags(const TypeInfo *info, const Where *where, int depth)
{
    PyObject *members = dict_find(type_dict(info->type), name_by_value);
    if (members != NULL && find_entry(members) != NULL) {
        look_at_value(members, where, depth + 1);
    }
}

/* What an object leads to by what the line does. */
static inline void look_inside(Entry *entry, const Where *where, int depth)
{
    const LineInfo *line = where->line;
    uint8_t shape = entry->info->shape;
    if (!goes_on(where, depth) || (line == NULL && !where->loose) || (entry->flags & ENTRY_NAMESPACE)) {
        return;
    }
    if (UNLIKELY(entry->info->flags) && (where->loose || line->flags & (LINE_OPERATES | LINE_CALLS))) {
        look_at_flags(entry->info, where, depth);
    }
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
        if (UNLIKELY(line->flags & LINE_CLASSES) && entry->info->user) {
            look_at_value((PyObject *)entry->info->type, where, depth + 1);
        }
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

static void look_at(Entry *entry, const Where *where, int depth)
{
    if (entry->round == R.round || entry->object == R.builtins) {
        return;
    }
    if (!may_look()) {
        return;
    }
    entry->round = R.round;
    if (UNLIKELY(noting != NULL)) {
        note_link(entry);
        if (depth == 0 || !noting->nearest) {
            look_inside(entry, where, depth);
        }
        return;
    }
    entry->unseen = R.unseen;
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
    if (entry->info->wanders && !(entry->flags & ENTRY_FRESH) && !midway) {
        uint32_t references = references_to(entry->object);
        if (references > entry->references || where->loose) {
            note_handing_over(entry, references, where);
        }
        entry->references = references;
    }
    if (UNLIKELY(shared_dict(entry->object, entry->info) != NULL)) {
        start_wandering(entry, references_to(entry->object), true);
    }
    look_inside(entry, where, depth);
}
