/* Functions, generators, coroutines, classes and modules that get another name. They are shown by it wherever they stand:
 * what is noted here, relabelling.c writes anew. */
#include "recorder.h"
#include "hashing.h"

#include <stdlib.h>
#include <string.h>

/* Names are told by their hashes, which are the same when the program is run again; addresses are not. */
#define MOST_RENAMED 32
static struct {
    PyObject *object; /* compared, not followed: it may be gone by now */
    uint64_t name;    /* that it has got                               */
} renamed[MOST_RENAMED];
static unsigned renamed_count;
static bool renamed_more;  /* than there is room for */
static bool types_renamed; /* classes among them whose instances are known */

/* The names that anything has been shown by since recording began; others may have the same bit. */
#define NAME_BITS 8192
static uint64_t shown_names[NAME_BITS / 64];

static PyObject *module_name(PyObject *module)
{
    PyObject *dict = PyModule_GetDict(module);
    return dict != NULL ? dict_get_text(dict, NULL) : NULL;
}

/* Of what is shown by a name; 0 where it has none. */
static uint64_t name_hash(PyObject *object)
{
    PyTypeObject *type = Py_TYPE(object);
    PyObject *name = NULL;
    if (type == &PyFunction_Type) {
        name = ((PyFunctionObject *)object)->func_qualname;
    }
    else if (PyGen_CheckExact(object) || PyCoro_CheckExact(object) || PyAsyncGen_CheckExact(object)) {
        name = ((PyGenObject *)object)->gi_qualname;
    }
    else if (PyType_Check(object)) {
        name = ((PyTypeObject *)object)->tp_flags & Py_TPFLAGS_HEAPTYPE ? ((PyHeapTypeObject *)object)->ht_qualname : NULL;
    }
    else if (PyModule_Check(object)) {
        name = module_name(object);
    }
    if (name == NULL || !PyUnicode_Check(name)) {
        return 0;
    }
    int kind = PyUnicode_KIND(name);
    return hash_bytes(PyUnicode_DATA(name), (size_t)PyUnicode_GET_LENGTH(name) * (size_t)kind, (uint64_t)kind) | 1;
}

static inline void note_label(PyObject *object)
{
    uint64_t name = name_hash(object) >> 1;
    shown_names[name / 64 % (NAME_BITS / 64)] |= 1ULL << name % 64;
}

/* `before`: the hash of the name that it had. */
static void note_renamed(PyObject *object, uint64_t before)
{
    uint64_t name = name_hash(object);
    for (unsigned i = 0; i < renamed_count; i++) {
        if (renamed[i].object == object && renamed[i].name == before) { /* twice in a row */
            renamed[i].name = name;
            return;
        }
    }
    TypeInfo *info = PyType_Check(object) ? known_type((PyTypeObject *)object) : NULL;
    if (info != NULL) {
        info->renamed = types_renamed = true;
    }
    else if (!(shown_names[(before >> 1) / 64 % (NAME_BITS / 64)] >> (before >> 1) % 64 & 1)) {
        return;
    }
    R.unseen++; /* it is looked for before the next event */
    if (renamed_count < MOST_RENAMED) {
        renamed[renamed_count].object = object;
        renamed[renamed_count++].name = name;
    }
    else {
        renamed_more = true;
    }
}

/* ---- functions, generators, classes: by the interpreter's own setters ---- */

static int set_name(PyObject *self, PyObject *value, void *original)
{
    bool watched = R.active && current_thread()->interp == R.interpreter;
    uint64_t before = watched ? name_hash(self) : 0;
    int result = ((setter)original)(self, value, NULL);
    if (result == 0 && watched) {
        note_renamed(self, before);
    }
    return result;
}

/* Their getters and setters are told nothing else by CPython, so what stands behind ours is. */
static void watch_setter(PyTypeObject *type, const char *name)
{
    for (PyGetSetDef *each = type->tp_getset; each != NULL && each->name != NULL; each++) {
        if (strcmp(each->name, name) == 0 && each->set != NULL && each->set != set_name && each->closure == NULL) {
            each->closure = (void *)each->set;
            each->set = set_name;
        }
    }
}

static void watch_names(void)
{
    watch_setter(&PyFunction_Type, "__qualname__");
    watch_setter(&PyGen_Type, "__qualname__");
    watch_setter(&PyCoro_Type, "__qualname__");
    watch_setter(&PyAsyncGen_Type, "__qualname__");
    watch_setter(&PyType_Type, "__qualname__");
    watch_setter(&PyType_Type, "__module__");
}

/* ---- modules: by looking where a line may have set one's name ---- */

static struct ShownModule {
    PyObject *module; /* compared, not followed */
    uint64_t name;
} *shown_modules;
static size_t module_capacity, module_count;

static struct ShownModule *shown_module(PyObject *module)
{
    size_t place = hash_address(module, module_capacity - 1);
    while (shown_modules[place].module != NULL && shown_modules[place].module != module) {
        place = (place + 1) & (module_capacity - 1);
    }
    return &shown_modules[place];
}

static void note_module(PyObject *module)
{
    if (2 * module_count >= module_capacity) {
        struct ShownModule *old = shown_modules;
        size_t capacity = module_capacity;
        struct ShownModule *larger = calloc(capacity > 0 ? 2 * capacity : 256, sizeof *larger);
        if (larger == NULL) {
            return;
        }
        shown_modules = larger;
        module_capacity = capacity > 0 ? 2 * capacity : 256;
        for (size_t i = 0; i < capacity; i++) {
            if (old[i].module != NULL) {
                *shown_module(old[i].module) = old[i];
            }
        }
        free(old);
    }
    struct ShownModule *shown = shown_module(module);
    module_count += shown->module == NULL;
    shown->module = module;
    shown->name = name_hash(module);
}

static void check_module_name(PyObject *module)
{
    struct ShownModule *shown = module_capacity > 0 ? shown_module(module) : NULL;
    if (shown != NULL && shown->module != NULL && shown->name != name_hash(module)) {
        note_renamed(module, shown->name);
        shown->name = name_hash(module);
    }
}
