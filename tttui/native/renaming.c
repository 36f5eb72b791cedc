/* Functions, generators, coroutines, classes and modules that get another name. They are shown by it wherever they stand:
 * what is noted here, relabelling.c writes anew. */
#include "recorder.h"

#include <string.h>

#define MOST_RENAMED 32
static PyObject *renamed[MOST_RENAMED]; /* compared, not followed: they may be gone by now */
static unsigned renamed_count;
static bool renamed_more;  /* than there is room for */
static bool types_renamed; /* classes among them whose instances are known */

/* What has been shown by its name since recording began, by address; others may have the same bit. */
#define LABEL_BITS 8192
static uint64_t shown_labels[LABEL_BITS / 64];

static inline uint64_t *shown_label(PyObject *object, uint64_t *bit)
{
    size_t number = ((uintptr_t)object >> 4) & (LABEL_BITS - 1);
    *bit = 1ULL << (number & 63);
    return &shown_labels[number >> 6];
}

static inline void note_label(PyObject *object)
{
    uint64_t bit, *word = shown_label(object, &bit);
    *word |= bit;
}

static void note_renamed(PyObject *object)
{
    uint64_t bit;
    TypeInfo *info = PyType_Check(object) ? known_type((PyTypeObject *)object) : NULL;
    if (info != NULL) {
        info->renamed = types_renamed = true;
    }
    else if (!(*shown_label(object, &bit) & bit)) {
        return;
    }
    R.unseen++; /* it is looked for before the next event */
    for (unsigned i = 0; i < renamed_count; i++) {
        if (renamed[i] == object) {
            return;
        }
    }
    if (renamed_count < MOST_RENAMED) {
        renamed[renamed_count++] = object;
    }
    else {
        renamed_more = true;
    }
}

/* ---- functions, generators, classes: by the interpreter's own setters ---- */

static int set_name(PyObject *self, PyObject *value, void *original)
{
    int result = ((setter)original)(self, value, NULL);
    if (result == 0 && R.active && current_thread()->interp == R.interpreter) {
        note_renamed(self);
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

static struct { PyObject *module, *name; } shown_modules[64]; /* compared, not followed */

static inline size_t module_place(PyObject *module) { return ((uintptr_t)module >> 6) & 63; }

static PyObject *module_name(PyObject *module)
{
    PyObject *dict = PyModule_GetDict(module);
    return dict != NULL ? dict_get_text(dict, NULL) : NULL;
}

static void note_module(PyObject *module)
{
    shown_modules[module_place(module)].module = module;
    shown_modules[module_place(module)].name = module_name(module);
}

static void check_module_name(PyObject *module)
{
    size_t place = module_place(module);
    if (shown_modules[place].module != module || shown_modules[place].name != module_name(module)) {
        note_renamed(module);
        note_module(module);
    }
}
