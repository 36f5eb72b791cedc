/* Attributes of a library's objects that are worked out when they are read, by its properties and __getattr__: that may change
 * the object, as where what was worked out is kept. */
#include "recorder.h"

#define FARTHEST_READ 3 /* attributes of attributes */

typedef struct {
    PyObject_HEAD
    PyObject *get;
} PropertyLayout; /* the beginning of it: Objects/descrobject.c */

/* The names of what the classes of objects that are known work out, by hash: of a library's own, and of the program's with a base of
 * a library's. */
#define WORKED_OUT_BITS 4096
static struct {
    uint64_t names[WORKED_OUT_BITS / 64];
    bool any; /* there is one with __getattr__ */
} worked_out_by[2];

static uint64_t *worked_out_bit(bool mixed, PyObject *name, uint64_t *mask)
{
    uint64_t hash = (uint64_t)str_hash(name) % WORKED_OUT_BITS;
    *mask = 1ULL << hash % 64;
    return &worked_out_by[mixed].names[hash / 64];
}

/* Whether code of a library may run where an attribute of its instances is read; its names are noted. */
static bool may_work_out(const TypeInfo *info)
{
    PyTypeObject *type = info->type;
    if (!info->tracked || !(info->mixed || info->shape == SHAPE_FOREIGN)) {
        return false;
    }
    bool found = type->tp_getattro != PyObject_GenericGetAttr;
    worked_out_by[info->mixed].any |= found;
    for (Py_ssize_t i = 0; type->tp_mro != NULL && i < PyTuple_GET_SIZE(type->tp_mro); i++) {
        PyTypeObject *base = (PyTypeObject *)PyTuple_GET_ITEM(type->tp_mro, i);
        PyObject *module = type_module_name(base);
        bool own = module != NULL && is_user_module(module); /* what runs there is recorded */
        PyDictObject *dict = base->tp_flags & Py_TPFLAGS_HEAPTYPE && !own ? (PyDictObject *)type_dict(base) : NULL;
        for (Py_ssize_t at = 0; dict != NULL && at < dict_end(dict); at++) {
            Pair pair;
            if (dict_entry(dict, at, &pair) && PyUnicode_CheckExact(pair.key)) {
                PyTypeObject *kind = Py_TYPE(pair.value);
                if (PyType_IsSubtype(kind, &PyProperty_Type) || (kind->tp_descr_get != NULL && kind->tp_flags & Py_TPFLAGS_HEAPTYPE)) {
                    uint64_t mask;
                    *worked_out_bit(info->mixed, pair.key, &mask) |= mask;
                    found = true;
                }
            }
        }
    }
    return found;
}

/* Whether a line reads an attribute of such a name, of whatever object. */
static bool reads_such_a_name(const LineInfo *line, bool mixed)
{
    bool found = worked_out_by[mixed].any || line->attribute_count == 0; /* of a pattern */
    for (int i = 0; i < line->attribute_count && !found; i++) {
        uint64_t mask;
        found = (*worked_out_bit(mixed, line->attributes[i], &mask) & mask) != 0;
    }
    return found;
}

/* Whether something in a class runs code that isn't recorded when an attribute is read. */
static bool works_out(PyObject *descriptor)
{
    PyTypeObject *type = Py_TYPE(descriptor);
    if (PyType_IsSubtype(type, &PyProperty_Type)) {
        PyObject *get = ((PropertyLayout *)descriptor)->get;
        return get != NULL && PyFunction_Check(get) && !is_recorded_code(PyFunction_GET_CODE(get), PyFunction_GET_GLOBALS(get));
    }
    return type->tp_descr_get != NULL && type->tp_flags & Py_TPFLAGS_HEAPTYPE && !type_info(type)->user;
}

/* What a class and its bases have of that name; NULL for nothing. */
static PyObject *find_in_class(PyTypeObject *type, PyObject *name)
{
    PyObject *found = NULL;
    for (Py_ssize_t i = 0; found == NULL && type->tp_mro != NULL && i < PyTuple_GET_SIZE(type->tp_mro); i++) {
        PyObject *dict = type_dict((PyTypeObject *)PyTuple_GET_ITEM(type->tp_mro, i));
        found = dict != NULL ? dict_find(dict, name) : NULL;
    }
    return found;
}

/* The line is over: that an object has an attribute of its own by now doesn't say that it had it before, as cached_property gives it one. */
static bool is_worked_out(const TypeInfo *info, PyObject *name)
{
    PyObject *found = find_in_class(info->type, name);
    return found != NULL ? works_out(found) : info->type->tp_getattro != PyObject_GenericGetAttr;
}

static bool reads_worked_out_of(const Entry *entry, const LineInfo *line, int depth)
{
    if (entry == NULL || entry->object == NULL || !entry->info->has_attributes || entry->info->shape == SHAPE_CLASS) {
        return false;
    }
    for (int i = 0; i < line->attribute_count; i++) {
        PyObject *name = line->attributes[i];
        if (entry->info->works_out && is_worked_out(entry->info, name)) {
            return true;
        }
        PyObject *next = line->attribute_count > 1 && depth < FARTHEST_READ ? find_attribute(entry->object, entry->info, name) : NULL;
        if (next != NULL && !is_plain(next) && reads_worked_out_of(find_entry(next), line, depth + 1)) {
            return true;
        }
    }
    return false;
}

/* Whether a line reads such an attribute of what its variables lead to. */
static __attribute__((noinline)) bool reads_worked_out(const Shadow *shadow, LineInfo *line)
{
    for (int word = 0; word < shadow->code->words; word++) {
        uint64_t bits = word == 0 ? line->loads[0] & shadow->holding : line->loads[word];
        for (; bits; bits &= bits - 1) {
            if (reads_worked_out_of(shadow->slots[word * 64 + __builtin_ctzll(bits)].entry, line, 1)) {
                return true;
            }
        }
    }
    PyObject *space = shadow->namespace_entry != NULL ? shadow->namespace_entry->object : frame_globals(shadow->frame);
    for (int i = 0; i < line->global_count && space != NULL && PyDict_Check(space); i++) {
        PyObject *value = shadow->namespace_entry != NULL ? dict_find(space, line->globals[i].name)
                                                          : read_global(&line->globals[i], space);
        if (value != NULL && !is_inert(value) && !is_plain(value) && reads_worked_out_of(find_entry(value), line, 1)) {
            return true;
        }
    }
    return false;
}
