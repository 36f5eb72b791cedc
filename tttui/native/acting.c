/* Values that run code when they are only handed on or gone through: a map over somebody's method, a key function that
 * is a library's. A line that calls nothing but `sorted` may so change anything that they reach. */
#include "recorder.h"

#define ACTING_DEPTH 4

static bool acts(PyObject *value, int depth);
static PyObject *read_global(GlobalRead *read, PyObject *globals);

typedef bool ValueTest(PyObject *value, int depth);
typedef struct {
    ValueTest *test;
    int depth;
} TestVisit;

/* What an iterator passes on may stand in a tuple of it. */
static int test_referent(PyObject *value, void *argument)
{
    const TestVisit *visit = argument;
    if (Py_TYPE(value) != &PyTuple_Type) {
        return visit->test(value, visit->depth + 1);
    }
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(value); i++) {
        PyObject *item = PyTuple_GET_ITEM(value, i);
        if (item != NULL && visit->test(item, visit->depth + 1)) {
            return 1;
        }
    }
    return 0;
}

static bool any_referent(PyObject *value, ValueTest *test, int depth)
{
    TestVisit visit = {test, depth};
    return Py_TYPE(value)->tp_traverse(value, test_referent, &visit) != 0;
}

static bool name_begins(const PyTypeObject *type, const char *text) { return strncmp(type->tp_name, text, strlen(text)) == 0; }

/* Iterators that only call what they are made of, in the order of how often they are met. */
static bool passes_on(const PyTypeObject *type)
{
    return type == &PyZip_Type || type == &PyEnum_Type || type == &PyMap_Type || type == &PyFilter_Type ||
           type == &PyReversed_Type || name_begins(type, "itertools.");
}

/* Iterators and files that change nothing else; their names end so: "list_iterator", "dict_itemiterator", "iterator". */
static bool only_reads(const PyTypeObject *type)
{
    size_t length = strlen(type->tp_name);
    return name_begins(type, "_io.") || (type != &PyCallIter_Type && !(type->tp_flags & Py_TPFLAGS_HEAPTYPE) && length >= 8 &&
                                         strcmp(type->tp_name + length - 8, "iterator") == 0);
}

/* No class of the program's is immutable. */
static bool is_regular_expression(const PyTypeObject *type)
{
    return type->tp_flags & Py_TPFLAGS_IMMUTABLETYPE && (strcmp(type->tp_name, "re.Pattern") == 0 || strcmp(type->tp_name, "re.Match") == 0);
}

/* Methods of what can't change do nothing to anything else. */
static bool of_plain_type(const PyTypeObject *type)
{
    return type == &PyUnicode_Type || type == &PyBytes_Type || type == &PyLong_Type || type == &PyFloat_Type || is_regular_expression(type);
}

/* Functions of C that change nothing, whatever they are given. */
static bool is_harmless(const PyCFunctionObject *function)
{
    PyModuleDef *module = function->m_self != NULL ? PyModule_GetDef(function->m_self) : NULL;
    const char *name = function->m_ml->ml_name;
    return module != NULL && ((strcmp(module->m_name, "builtins") == 0 && strcmp(name, "next") != 0 && strcmp(name, "setattr") != 0) ||
                              strcmp(module->m_name, "math") == 0 || strcmp(module->m_name, "time") == 0);
}

static bool is_library_function(PyObject *value)
{
    PyFunctionObject *function = (PyFunctionObject *)value;
    return !is_recorded_code(function->func_code, function->func_globals);
}

static bool acts(PyObject *value, int depth)
{
    PyTypeObject *type = Py_TYPE(value);
    if (type == &PyLong_Type || type == &PyUnicode_Type || type == &PyTuple_Type || type == &PyListIter_Type ||
        type == &PyRangeIter_Type || type == &PyTupleIter_Type || type == &PyType_Type || type == &PyModule_Type ||
        value == Py_None) {
        return false;
    }
    if (type == &PyFunction_Type) {
        return is_library_function(value);
    }
    if (type == &PyMethod_Type) {
        return acts(((PyMethodObject *)value)->im_func, depth);
    }
    if (PyCFunction_Check(value)) {
        PyCFunctionObject *function = (PyCFunctionObject *)value;
        bool free = function->m_self == NULL || PyModule_Check(function->m_self);
        return free ? !is_harmless(function) : !of_plain_type(Py_TYPE(function->m_self));
    }
    if (type == &PyMethodDescr_Type || type == &PyWrapperDescr_Type) {
        return !of_plain_type(((PyDescrObject *)value)->d_type);
    }
    if (PyGen_CheckExact(value) || PyCoro_CheckExact(value) || PyAsyncGen_CheckExact(value)) {
        PyCodeObject *code = generator_code(value);
        return code != NULL && !is_recorded_code((PyObject *)code, NULL);
    }
    if (passes_on(type)) {
        return depth >= ACTING_DEPTH || any_referent(value, acts, depth);
    }
    TypeInfo *info = NULL;
    int kind = value_kind(value, &info);
    if (kind == KIND_NAMED && info->shape == SHAPE_PARTIAL) {
        return acts(((PartialLayout *)value)->function, depth);
    }
    if (kind != KIND_OPAQUE || only_reads(type) || name_begins(type, "operator.itemgetter") ||
        name_begins(type, "operator.attrgetter")) {
        return false;
    }
    return type->tp_iternext != NULL || type->tp_call != NULL;
}

static inline void note_acting(Shadow *shadow, int index, bool is_acting)
{
    if (LIKELY(index < 64)) {
        shadow->acting = (shadow->acting & ~(1ULL << index)) | (uint64_t)is_acting << index;
    }
}

static int note_anything(PyObject *value, void *found)
{
    (void)value;
    *(bool *)found = true;
    return 1;
}

/* Whether it may change more than what it is a method of. */
static bool acts_elsewhere(PyObject *value, int depth)
{
    PyTypeObject *type = Py_TYPE(value);
    if (PyCFunction_Check(value)) {
        PyObject *self = ((PyCFunctionObject *)value)->m_self;
        return (self == NULL || PyModule_Check(self)) && acts(value, depth);
    }
    if (strcmp(type->tp_name, "method-wrapper") == 0) { /* items.__setitem__ */
        return false;
    }
    return passes_on(type) && depth < ACTING_DEPTH ? any_referent(value, acts_elsewhere, depth) : acts(value, depth);
}

/* Whether it has gone through all that there was: it doesn't lead there any more. */
static bool is_spent(PyObject *value, int depth)
{
    PyTypeObject *type = Py_TYPE(value);
    if (!_PyType_IS_GC(type) || type->tp_traverse == NULL || depth >= ACTING_DEPTH) {
        return false;
    }
    if (PyGen_CheckExact(value)) {
        return FRAME_STATE_FINISHED(((PyGenObject *)value)->gi_frame_state);
    }
    if (passes_on(type)) {
        return any_referent(value, acts_elsewhere, depth) && any_referent(value, is_spent, depth);
    }
    bool leads_on = !only_reads(type) || name_begins(type, "_io.");
    if (!leads_on) {
        type->tp_traverse(value, note_anything, &leads_on);
    }
    return !leads_on;
}

static bool any_global(const Shadow *shadow, LineInfo *line, ValueTest *test)
{
    PyObject *space = shadow->namespace_entry != NULL ? shadow->namespace_entry->object : frame_globals(shadow->frame);
    for (int i = 0; i < line->global_count && space != NULL && PyDict_Check(space); i++) {
        PyObject *value = shadow->namespace_entry != NULL ? dict_find(space, line->globals[i].name)
                                                          : read_global(&line->globals[i], space);
        if (value != NULL && test(value, 0)) {
            return true;
        }
    }
    return false;
}

static bool any_cell(const Shadow *shadow, const LineInfo *line, ValueTest *test)
{
    for (int i = shadow->code->cells_from; i < shadow->code->slots; i++) {
        PyObject *cell = line->loads[i >> 6] >> (i & 63) & 1 ? frame_slot(shadow->frame, i) : NULL;
        PyObject *value = cell != NULL && Py_TYPE(cell) == &PyCell_Type ? ((PyCellObject *)cell)->ob_ref : NULL;
        if (value != NULL && test(value, 0)) {
            return true;
        }
    }
    return false;
}

/* Whether variables that a line reads hold, or held before it, such a value. */
static inline bool any_acts(const Shadow *shadow, LineInfo *line)
{
    return (shadow->code->words > 0 && (line->loads[0] & shadow->acting) != 0) ||
           (line->flags & LINE_HANDS_ON && any_global(shadow, line, acts)) ||
           (shadow->code->cells_from < shadow->code->slots && any_cell(shadow, line, acts));
}

/* Whether it can't be told any more what they reached: they are spent, or another value has taken their place. */
static bool acting_gone(const Shadow *shadow, LineInfo *line)
{
    for (uint64_t bits = shadow->code->words > 0 ? line->loads[0] & shadow->acting : 0; bits; bits &= bits - 1) {
        int index = __builtin_ctzll(bits);
        PyObject *value = frame_slot(shadow->frame, index);
        if (value == NULL || value != shadow->slots[index].value || is_spent(value, 0)) {
            return true;
        }
    }
    return any_global(shadow, line, is_spent) || any_cell(shadow, line, is_spent);
}

/* The same of what loops of a frame go through, which is no variable. Only while an event of this very frame is told.
 * `begins`: they may be others than before. */
static bool any_loop_acts(Shadow *shadow, bool begins)
{
    int count = frame_stacked_count(shadow->frame, shadow->code_object);
    uintptr_t mark = 1;
    for (int i = 0; i < count; i++) {
        mark = mark * 31 + frame_word(shadow->frame, shadow->code_object->co_nlocalsplus + i);
    }
    if (LIKELY(!begins && mark == shadow->calm_loops)) {
        return false;
    }
    for (int i = 0; i < count; i++) {
        PyObject *value = frame_stacked(shadow->frame, shadow->code_object, i);
        if (value != NULL && acts(value, 0)) {
            return true;
        }
    }
    shadow->calm_loops = mark;
    return false;
}

static void look_at_loops(const Shadow *shadow, const Where *where)
{
    int count = frame_stacked_count(shadow->frame, shadow->code_object);
    for (int i = 0; i < count; i++) {
        look_at_value(frame_stacked(shadow->frame, shadow->code_object, i), where, 0);
    }
}
