/* Types: what there is to know of each, found out once, so that no object is asked for it. */
#include "recorder.h"

#include <stdlib.h>

static TypeInfo **types; /* open addressing by address */
static size_t type_capacity;

static bool is_text(PyObject *object) { return object != NULL && PyUnicode_CheckExact(object); }

static bool watch_deaths(PyTypeObject *type);
static bool is_user_module(PyObject *name);
static bool is_array_scalar(PyTypeObject *type);
static bool may_work_out(const TypeInfo *info);

/* Whether a type is the one of that name that is written in C; a class of the program's may have any name. */
static bool is_c_type(PyTypeObject *type, const char *name)
{
    bool is_class = (type->tp_flags & Py_TPFLAGS_HEAPTYPE) && ((PyHeapTypeObject *)type)->ht_module == NULL;
    return !is_class && strcmp(type->tp_name, name) == 0;
}

/* Of what a class that is written in C has: its methods, say, as the class gives them. */
static bool is_descriptor_of_c(const PyTypeObject *type)
{
    return type == &PyMethodDescr_Type || type == &PyClassMethodDescr_Type || type == &PyWrapperDescr_Type ||
           type == &PyMemberDescr_Type || type == &PyGetSetDescr_Type;
}

static uint8_t type_shape(PyTypeObject *type)
{
    unsigned long flags = type->tp_flags;
    if (flags & Py_TPFLAGS_LIST_SUBCLASS) {
        return SHAPE_LIST;
    }
    if (flags & Py_TPFLAGS_DICT_SUBCLASS) {
        return SHAPE_DICT;
    }
    if (flags & Py_TPFLAGS_TUPLE_SUBCLASS) {
        return SHAPE_TUPLE;
    }
    if (flags & Py_TPFLAGS_BASE_EXC_SUBCLASS) {
        return SHAPE_EXCEPTION;
    }
    if (flags & Py_TPFLAGS_TYPE_SUBCLASS) {
        return SHAPE_CLASS;
    }
    if (flags & Py_TPFLAGS_LONG_SUBCLASS || flags & Py_TPFLAGS_UNICODE_SUBCLASS) {
        /* an int or str enum's members are told by their name and value */
        const char *meta = Py_TYPE(type)->tp_name;
        if (strcmp(meta, "EnumType") == 0 || strcmp(meta, "EnumMeta") == 0) {
            return SHAPE_ENUM;
        }
        return flags & Py_TPFLAGS_LONG_SUBCLASS ? SHAPE_INT : SHAPE_STR;
    }
    if (flags & Py_TPFLAGS_BYTES_SUBCLASS) {
        return SHAPE_BYTES;
    }
    for (PyTypeObject *base = type; base != NULL; base = base->tp_base) {
        if (base == &PySet_Type) {
            return SHAPE_SET;
        }
        if (base == &PyFrozenSet_Type) {
            return SHAPE_FROZENSET;
        }
        if (base == &PyFloat_Type) {
            return SHAPE_FLOAT;
        }
        if (base == &PyComplex_Type) {
            return SHAPE_COMPLEX;
        }
        if (base == &PyByteArray_Type) {
            return SHAPE_BYTEARRAY;
        }
        if (PY_VERSION_HEX >= 0x030f0000 && is_c_type(base, "frozendict")) { /* laid out as a dict is */
            return SHAPE_DICT;
        }
        if (is_c_type(base, "collections.deque")) {
            return SHAPE_DEQUE;
        }
        if (is_c_type(base, "numpy.ndarray")) {
            return SHAPE_ARRAY;
        }
    }
    if (type == &PyCell_Type) {
        return SHAPE_CELL;
    }
    if (type == &PyModule_Type) {
        return SHAPE_MODULE;
    }
    if (type == &PyFunction_Type || type == &PyCFunction_Type || type == &PyCMethod_Type || is_descriptor_of_c(type)) {
        return SHAPE_FUNCTION;
    }
    if (type == &PyMethod_Type) {
        return SHAPE_METHOD;
    }
    if (type == &PyGen_Type || type == &PyCoro_Type || type == &PyAsyncGen_Type) {
        return SHAPE_GENERATOR;
    }
    if (is_c_type(type, "functools.partial")) {
        return SHAPE_PARTIAL;
    }
    const char *meta = Py_TYPE(type)->tp_name;
    if (strcmp(meta, "EnumType") == 0 || strcmp(meta, "EnumMeta") == 0) {
        return SHAPE_ENUM;
    }
    return SHAPE_INSTANCE;
}

static PyObject *type_dict(PyTypeObject *type)
{
#if PY_VERSION_HEX >= 0x030c0000
    if (type->tp_flags & _Py_TPFLAGS_STATIC_BUILTIN) {
        return NULL; /* kept per interpreter since 3.12; nothing in it is the user's */
    }
#endif
    return type->tp_dict;
}

static PyObject *dict_get_text(PyObject *dict, PyObject *name);

static PyObject *type_module_name(PyTypeObject *type)
{
    PyObject *dict = type->tp_flags & Py_TPFLAGS_HEAPTYPE ? type_dict(type) : NULL;
    if (dict == NULL || !PyDict_Check(dict)) { /* ctypes has a dict of its own kind there before CPython 3.13 */
        return NULL;
    }
    Py_ssize_t position = 0;
    PyObject *key, *value;
    while (PyDict_Next(dict, &position, &key, &value)) {
        if (PyUnicode_CheckExact(key) && PyUnicode_GET_LENGTH(key) == 10 &&
            PyUnicode_CompareWithASCIIString(key, "__module__") == 0) {
            return is_text(value) ? value : NULL;
        }
    }
    return NULL;
}

/* The members that __slots__ made, of the type and of its bases. */
static void collect_members(TypeInfo *info)
{
    size_t count = 0;
    for (int pass = 0; pass < 2; pass++) {
        size_t filled = 0;
        for (PyTypeObject *base = info->type; base != NULL; base = base->tp_base) {
            if (!(base->tp_flags & Py_TPFLAGS_HEAPTYPE)) {
                continue;
            }
            PyMemberDef *members = type_members(base);
            PyObject *slots = ((PyHeapTypeObject *)base)->ht_slots;
            if (slots == NULL || !PyTuple_CheckExact(slots)) {
                continue;
            }
            for (Py_ssize_t i = 0; i < Py_SIZE(base) && i < PyTuple_GET_SIZE(slots); i++) {
                if (members[i].type != T_OBJECT_EX) {
                    continue;
                }
                if (pass == 1) {
                    PyObject *name = PyTuple_GET_ITEM(slots, i);
                    info->members[filled] = (SlotMember){name, members[i].offset, 0, members[i].flags & 16 /* _Py_AFTER_ITEMS */};
                }
                filled++;
            }
        }
        if (pass == 0) {
            count = filled;
            if (count == 0 || count > 1000) {
                return;
            }
            info->members = calloc(count, sizeof(SlotMember));
            if (info->members == NULL) {
                return;
            }
        }
    }
    info->member_count = (uint16_t)count;
}

static void forget_type(PyTypeObject *type)
{
    if (types == NULL) {
        return;
    }
    size_t mask = type_capacity - 1, place = hash_address(type, mask);
    while (types[place] != NULL) {
        if (types[place]->type == type) {
            /* Entries of its instances are gone already; the place stays taken, so that chains hold. */
            types[place]->type = NULL;
            return;
        }
        place = (place + 1) & mask;
    }
}

static bool grow_types(void)
{
    size_t capacity = type_capacity ? type_capacity * 2 : 512;
    TypeInfo **table = calloc(capacity, sizeof(TypeInfo *));
    if (table == NULL) {
        return false;
    }
    for (size_t i = 0; i < type_capacity; i++) {
        TypeInfo *info = types[i];
        if (info == NULL) {
            continue;
        }
        if (info->type == NULL) {
            free(info->members);
            free(info);
            continue;
        }
        size_t place = hash_address(info->type, capacity - 1);
        while (table[place] != NULL) {
            place = (place + 1) & (capacity - 1);
        }
        table[place] = info;
    }
    free(types);
    types = table;
    type_capacity = capacity;
    return true;
}

static size_t types_used;
static bool missing_seen; /* there are dicts that get a key where it is read */
static bool library_works_out; /* there are objects whose attributes a library may work out where they are read */

static uint8_t type_kind(const TypeInfo *info)
{
    PyTypeObject *type = info->type;
    if (info->tracked) {
        return KIND_TRACKED;
    }
    switch (info->shape) {
    case SHAPE_CLASS:
        return KIND_CLASS;
    case SHAPE_TUPLE:
    case SHAPE_METHOD:
    case SHAPE_PARTIAL:
        return KIND_NAMED;
    case SHAPE_FUNCTION:
    case SHAPE_MODULE:
    case SHAPE_GENERATOR:
        return KIND_LABEL;
    default:
        break;
    }
    static const char *const written_as_repr[] = {"datetime.datetime", "datetime.date", "datetime.time",
                                                  "datetime.timedelta", "decimal.Decimal", "re.Pattern"};
    for (size_t i = 0; i < sizeof written_as_repr / sizeof *written_as_repr; i++) {
        if (is_c_type(type, written_as_repr[i]) && !info->has_attributes) {
            return KIND_REPR;
        }
    }
    return is_array_scalar(type) ? KIND_ARRAY_SCALAR : KIND_OPAQUE;
}

/* Standard classes written in Python whose instances don't change. */
static bool is_immutable(PyObject *module)
{
    static const char *const modules[] = {"fractions", "uuid", "pathlib", "pathlib._local", "ipaddress", NULL};
    for (int i = 0; module != NULL && modules[i] != NULL; i++) {
        if (PyUnicode_CompareWithASCIIString(module, modules[i]) == 0) {
            return true;
        }
    }
    return false;
}

/* Whether a class of the program's has a base of a library's, that isn't known to have no methods that change anything. */
static bool has_library_base(PyTypeObject *type)
{
    static const char *const harmless[] = {"typing", "abc", "enum", "collections.abc", "typing_extensions", NULL};
    PyObject *mro = type->tp_mro;
    for (Py_ssize_t i = 0; mro != NULL && i < PyTuple_GET_SIZE(mro); i++) {
        PyTypeObject *base = (PyTypeObject *)PyTuple_GET_ITEM(mro, i);
        PyObject *module = type_module_name(base);
        if (!(base->tp_flags & Py_TPFLAGS_HEAPTYPE) || (module != NULL && is_user_module(module))) {
            continue;
        }
        bool known = false;
        for (int j = 0; module != NULL && harmless[j] != NULL; j++) {
            known |= PyUnicode_CompareWithASCIIString(module, harmless[j]) == 0;
        }
        if (!known) {
            return true;
        }
    }
    return false;
}

static bool is_of_flags(const PyTypeObject *type)
{
    bool found = false;
    for (Py_ssize_t i = 0; type->tp_mro != NULL && i < PyTuple_GET_SIZE(type->tp_mro) && !found; i++) {
        PyTypeObject *base = (PyTypeObject *)PyTuple_GET_ITEM(type->tp_mro, i);
        PyObject *module = strcmp(base->tp_name, "Flag") == 0 ? type_module_name(base) : NULL;
        found = module != NULL && !is_user_module(module);
    }
    return found;
}

/* Whether a class that isn't the program's is of a library: made while it runs, or, in CPython 3.11, by these modules. */
static bool is_made_by_library(const PyTypeObject *type)
{
    return type->tp_flags & Py_TPFLAGS_HEAPTYPE || strncmp(type->tp_name, "_asyncio.", 9) == 0 || strncmp(type->tp_name, "_io.", 4) == 0;
}

static TypeInfo *make_type(PyTypeObject *type)
{
    if (types_used * 2 >= type_capacity) {
        if (!grow_types()) {
            return NULL;
        }
        types_used = 0;
        for (size_t i = 0; i < type_capacity; i++) {
            types_used += types[i] != NULL;
        }
    }
    TypeInfo *info = calloc(1, sizeof(TypeInfo));
    if (info == NULL) {
        return NULL;
    }
    info->type = type;
    info->shape = type_shape(type);
    info->id = ++R.type_count;
    PyObject *module = type_module_name(type);
    info->user = module != NULL && is_user_module(module);
    for (PyTypeObject *base = type; info->shape == SHAPE_DICT && base != NULL; base = base->tp_base) {
        missing_seen |= is_c_type(base, "collections.defaultdict");
    }
    info->mixed = info->user && has_library_base(type);
    info->flags = info->user && info->shape == SHAPE_ENUM && is_of_flags(type);
    info->weak = PyType_IsSubtype(type, &_PyWeakref_RefType) || type == &_PyWeakref_ProxyType || type == &_PyWeakref_CallableProxyType;
    collect_members(info);
    info->has_attributes = type->tp_dictoffset != 0 || (type->tp_flags & Py_TPFLAGS_MANAGED_DICT) ||
                           info->member_count > 0;
    switch (info->shape) {
    case SHAPE_LIST:
    case SHAPE_DICT:
    case SHAPE_SET:
    case SHAPE_DEQUE:
    case SHAPE_BYTEARRAY:
    case SHAPE_EXCEPTION:
    case SHAPE_CELL:
    case SHAPE_ARRAY:
    case SHAPE_ENUM:
    case SHAPE_INT:
    case SHAPE_STR:
    case SHAPE_FLOAT:
    case SHAPE_COMPLEX:
    case SHAPE_BYTES:
    case SHAPE_FROZENSET:
        info->tracked = true;
        break;
    case SHAPE_CLASS:
    case SHAPE_MODULE:
    case SHAPE_FUNCTION:
    case SHAPE_METHOD:
    case SHAPE_GENERATOR:
    case SHAPE_PARTIAL:
        info->tracked = false;
        break;
    default:
        info->tracked = info->has_attributes;
    }
    if (info->tracked && !watch_deaths(type)) {
        info->tracked = false;
    }
    if (info->shape == SHAPE_INSTANCE && is_made_by_library(type) && !info->user && !is_immutable(module)) {
        info->shape = SHAPE_FOREIGN;
    }
    info->works_out = may_work_out(info);
    library_works_out |= info->works_out;
    info->kind = type_kind(info);
    /* Of cells nobody else knows; what is a library's is known to change anyway. */
    info->wanders = info->tracked && info->shape != SHAPE_CELL && info->shape != SHAPE_FOREIGN;
    if (type->tp_flags & Py_TPFLAGS_HEAPTYPE) {
        watch_deaths(Py_TYPE(type)); /* so that a class whose address is used again is a new type */
    }
    size_t mask = type_capacity - 1, place = hash_address(type, mask);
    while (types[place] != NULL) {
        place = (place + 1) & mask;
    }
    types[place] = info;
    types_used++;
    enqueue(PENDING_TYPE, info->id, type, info->shape);
    return info;
}

static TypeInfo unknown_type = {.shape = SHAPE_OPAQUE, .kind = KIND_OPAQUE};

/* NULL where none of its values has come up. */
static inline TypeInfo *known_type(PyTypeObject *type)
{
    if (LIKELY(types != NULL)) {
        size_t mask = type_capacity - 1, place = hash_address(type, mask);
        TypeInfo *info;
        while ((info = types[place]) != NULL) {
            if (info->type == type) {
                return info;
            }
            place = (place + 1) & mask;
        }
    }
    return NULL;
}

static inline TypeInfo *type_info(PyTypeObject *type)
{
    TypeInfo *info = known_type(type);
    if (LIKELY(info != NULL)) {
        return info;
    }
    info = make_type(type);
    return info != NULL ? info : &unknown_type;
}

static void put_type_definition(const Pending *item)
{
    PyTypeObject *type = item->what;
    put_byte(DEF_TYPE);
    put_unsigned(item->id);
    if (type->tp_flags & Py_TPFLAGS_HEAPTYPE) {
        PyObject *module = type_module_name(type);
        if (module != NULL) {
            put_text(module);
        }
        else {
            const char *dot = strrchr(type->tp_name, '.');
            size_t count = dot ? (size_t)(dot - type->tp_name) : 0;
            put_unsigned(count);
            put_bytes(type->tp_name, count);
        }
        PyObject *name = ((PyHeapTypeObject *)type)->ht_qualname;
        if (is_text(name)) {
            put_text(name);
        }
        else {
            put_c_text(type->tp_name);
        }
    }
    else {
        const char *dot = strrchr(type->tp_name, '.');
        if (dot != NULL) {
            put_unsigned((size_t)(dot - type->tp_name));
            put_bytes(type->tp_name, (size_t)(dot - type->tp_name));
            put_c_text(dot + 1);
        }
        else {
            put_c_text("builtins");
            put_c_text(type->tp_name);
        }
    }
    put_byte((uint8_t)item->extra);
}
