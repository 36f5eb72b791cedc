/* The end of objects. An address says nothing about identity once the object is gone, and the
 * recorder holds no references, so it has to be told of deaths: the deallocators of list, dict and
 * cell and the tp_free of every other tracked type are wrapped while recording. Nothing of this is
 * visible from Python. */
#include "recorder.h"

static void forget_object(PyObject *object);

static inline void note_death(void *object)
{
    if (R.active && current_thread()->interp == R.interpreter) {
        R.deaths += Py_TYPE((PyObject *)object)->tp_weaklistoffset != 0 || Py_TYPE((PyObject *)object)->tp_finalize != NULL;
        forget_object(object);
    }
}

static destructor list_dealloc, dict_dealloc, cell_dealloc;

static void watched_list_dealloc(PyObject *object)
{
    TRASHCAN_BEGIN(object, watched_list_dealloc)
    note_death(object);
    list_dealloc(object);
    TRASHCAN_END
}

static void watched_dict_dealloc(PyObject *object)
{
    TRASHCAN_BEGIN(object, watched_dict_dealloc)
    note_death(object);
    dict_dealloc(object);
    TRASHCAN_END
}

static void watched_cell_dealloc(PyObject *object)
{
    note_death(object);
    cell_dealloc(object);
}

static void watched_gc_free(void *object)
{
    note_death(object);
    PyObject_GC_Del(object);
}

static void watched_free(void *object)
{
    note_death(object);
    PyObject_Free(object);
}

/* Whether the deaths of a type's instances are noticed already. */
static inline bool dies_watched(PyTypeObject *type)
{
    return type->tp_free == watched_gc_free || type == &PyList_Type || type == &PyDict_Type ||
           type->tp_free == watched_free || type == &PyCell_Type;
}

/* __class__ may be assigned only between classes that free their instances alike, so all classes
 * have to be watched, from the moment they are made: seen or not. */
static newfunc type_new;

static PyObject *watched_type_new(PyTypeObject *metaclass, PyObject *arguments, PyObject *keywords)
{
    PyObject *made = type_new(metaclass, arguments, keywords);
    if (made != NULL && PyType_Check(made)) {
        watch_deaths((PyTypeObject *)made);
    }
    return made;
}

/* The classes that exist already, below `type`; false with an exception. Runs before the program. */
static bool watch_classes(PyTypeObject *type, int depth)
{
    if (type->tp_new == type_new) {
        type->tp_new = watched_type_new;
    }
    if (type->tp_flags & Py_TPFLAGS_HEAPTYPE || type == &PyModule_Type) {
        watch_deaths(type);
    }
    PyObject *classes = depth < 100 ? PyObject_CallMethod((PyObject *)&PyType_Type, "__subclasses__", "O", type) : NULL;
    if (classes == NULL) {
        return false;
    }
    bool good = true;
    for (Py_ssize_t i = 0; good && i < PyList_GET_SIZE(classes); i++) {
        good = watch_classes((PyTypeObject *)PyList_GET_ITEM(classes, i), depth + 1);
    }
    Py_DECREF(classes);
    return good;
}

static bool watch_all_classes(void)
{
    if (type_new != NULL) {
        return true;
    }
    type_new = PyType_Type.tp_new;
    return watch_classes(&PyBaseObject_Type, 0);
}

static void watch_builtin_deaths(void)
{
    if (list_dealloc == NULL) {
        list_dealloc = PyList_Type.tp_dealloc;
        dict_dealloc = PyDict_Type.tp_dealloc;
        cell_dealloc = PyCell_Type.tp_dealloc;
        PyList_Type.tp_dealloc = watched_list_dealloc;
        PyDict_Type.tp_dealloc = watched_dict_dealloc;
        PyCell_Type.tp_dealloc = watched_cell_dealloc;
    }
}

/* False where the type frees its instances in a way of its own: they have no identity then. */
static bool watch_deaths(PyTypeObject *type)
{
    if (type == &PyList_Type || type == &PyDict_Type || type == &PyCell_Type) {
        return true;
    }
    if (type->tp_free == watched_gc_free || type->tp_free == watched_free) {
        return true;
    }
    if (type->tp_free == PyObject_GC_Del) {
        type->tp_free = watched_gc_free;
        return true;
    }
    if (type->tp_free == (freefunc)PyObject_Free) {
        type->tp_free = watched_free;
        return true;
    }
    return false;
}
