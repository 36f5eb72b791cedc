/* What a value is: the kind in which it is recorded. */
#include "recorder.h"

static inline __attribute__((always_inline)) int kind_of_value(PyObject *object, TypeInfo **info)
{
    PyTypeObject *type = Py_TYPE(object);
    if (type == &PyLong_Type) {
        return KIND_INT;
    }
    if (type == &PyUnicode_Type) {
        return KIND_STR;
    }
    if (type == &PyFloat_Type) {
        return KIND_FLOAT;
    }
    if (object == Py_None) {
        return KIND_NONE_;
    }
    if (type == &PyBool_Type) {
        return KIND_BOOL;
    }
    if (type == &PyTuple_Type) {
        return KIND_TUPLE;
    }
    if (type == &PyBytes_Type) {
        return KIND_BYTES;
    }
    if (type == &PyComplex_Type) {
        return KIND_COMPLEX;
    }
    if (type == &PyFrozenSet_Type) {
        return KIND_FROZENSET;
    }
    if (type == &PyRange_Type) {
        return KIND_RANGE;
    }
    if (type == &PySlice_Type) {
        return KIND_SLICE;
    }
    if (type == &PyEllipsis_Type || object == Py_NotImplemented) {
        return KIND_SINGLETON;
    }
    *info = type_info(type);
    if (UNLIKELY((*info)->kind == KIND_CLASS)) {
        /* a class that recorded code made is an object of interest, any other just a name */
        return type_info((PyTypeObject *)object)->user && watch_deaths(type) ? KIND_TRACKED : KIND_LABEL;
    }
    return (*info)->kind;
}

static int value_kind(PyObject *object, TypeInfo **info) { return kind_of_value(object, info); }

static PyObject *label_of(PyObject *object, uint8_t shape, const char **literal)
{
    *literal = NULL;
    PyTypeObject *type = Py_TYPE(object);
    if (type == &PyFunction_Type) {
        return ((PyFunctionObject *)object)->func_qualname;
    }
    if (type == &PyCFunction_Type || type == &PyCMethod_Type) {
        *literal = ((PyCFunctionObject *)object)->m_ml->ml_name;
        return NULL;
    }
    if (shape == SHAPE_FUNCTION) { /* str.upper, int.__add__ */
        static char text[200];
        const PyDescrObject *descriptor = (PyDescrObject *)object;
        const char *name = PyUnicode_IS_COMPACT_ASCII(descriptor->d_name) ? PyUnicode_DATA(descriptor->d_name) : "";
        if (snprintf(text, sizeof text, "%s.%s", descriptor->d_type->tp_name, name) >= (int)sizeof text) {
            snprintf(text, sizeof text, "….%s", name); /* rather than end within a character */
        }
        *literal = text;
        return NULL;
    }
    if (shape == SHAPE_CLASS) {
        PyTypeObject *named = (PyTypeObject *)object;
        if (named->tp_flags & Py_TPFLAGS_HEAPTYPE) {
            return ((PyHeapTypeObject *)named)->ht_qualname;
        }
        *literal = named->tp_name;
        return NULL;
    }
    if (shape == SHAPE_MODULE) {
        PyObject *dict = PyModule_GetDict(object);
        return dict != NULL ? dict_get_text(dict, NULL) : NULL;
    }
    if (shape == SHAPE_GENERATOR) {
        return ((PyGenObject *)object)->gi_qualname;
    }
    return NULL;
}

/* The parts of a KIND_NAMED value; returns how many, at most `room`. */
static Py_ssize_t named_parts(PyObject *object, TypeInfo *info, PyObject **parts, Py_ssize_t room, Py_ssize_t *length)
{
    Py_ssize_t count = 0;
    if (info->shape == SHAPE_TUPLE) {
        *length = PyTuple_GET_SIZE(object);
        for (; count < *length && count < room; count++) {
            parts[count] = PyTuple_GET_ITEM(object, count);
        }
        return count;
    }
    if (info->shape == SHAPE_METHOD) {
        parts[count++] = ((PyMethodObject *)object)->im_func;
        parts[count++] = ((PyMethodObject *)object)->im_self;
    }
    else if (info->shape == SHAPE_PARTIAL) {
        PartialLayout *partial = (PartialLayout *)object;
        parts[count++] = partial->function;
        parts[count++] = partial->arguments;
        parts[count++] = partial->keywords;
    }
    *length = count;
    return count;
}
