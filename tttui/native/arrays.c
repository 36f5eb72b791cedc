/* numpy arrays, through the buffer protocol of numpy's own type (C code, none of the program's). */
#include "recorder.h"
#include "hashing.h"

/* Entries kept from the end of what is cut. */
#define TAIL_KEPT 16

typedef struct {
    Py_buffer view;
    Py_ssize_t total, head, tail;
} Array;

/* numpy keeps this layout (PyArrayObject_fields) stable. */
typedef struct {
    PyObject_HEAD
    char *data;
    int dimensions_count;
    Py_ssize_t *dimensions, *strides;
    PyObject *base;
} ArrayLayout;

/* The array of which this one is a view, or NULL. */
static PyObject *array_base(PyObject *object) { return ((ArrayLayout *)object)->base; }

static bool open_array(PyObject *object, Array *array)
{
    PyObject *type, *value, *traceback;
    PyErr_Fetch(&type, &value, &traceback);
    int failed = PyObject_GetBuffer(object, &array->view, PyBUF_FULL_RO);
    PyErr_Clear();
    PyErr_Restore(type, value, traceback);
    if (failed) {
        return false;
    }
    array->total = 1;
    for (int i = 0; i < array->view.ndim; i++) {
        array->total *= array->view.shape[i];
    }
    Py_ssize_t limit = R.max_items < CHECK_ITEMS ? R.max_items : CHECK_ITEMS;
    array->head = array->total < limit ? array->total : limit;
    Py_ssize_t rest = array->total - array->head;
    array->tail = rest < TAIL_KEPT ? rest : TAIL_KEPT;
    return true;
}

/* Element number n of those that are kept. */
static const char *array_element(const Array *array, Py_ssize_t n)
{
    Py_ssize_t rest = n < array->head ? n : array->total - array->tail + (n - array->head);
    const char *p = array->view.buf;
    for (int i = array->view.ndim - 1; i >= 0; i--) {
        p += (rest % array->view.shape[i]) * array->view.strides[i];
        rest /= array->view.shape[i];
    }
    return p;
}

static uint64_t array_fingerprint(const Array *array)
{
    uint64_t hash = mix((uint64_t)array->total, (uint64_t)(uintptr_t)array->view.buf);
    for (Py_ssize_t n = 0; n < array->head + array->tail; n++) {
        hash = hash_bytes(array_element(array, n), (size_t)array->view.itemsize, hash);
    }
    return hash;
}

static uint64_t array_hash(PyObject *object)
{
    Array array;
    if (!open_array(object, &array)) {
        return 0;
    }
    uint64_t hash = array_fingerprint(&array);
    PyBuffer_Release(&array.view);
    return hash;
}

static void put_element(const char *p, const char *format, Py_ssize_t size)
{
    int64_t number = 0;
    double real;
    float single;
    switch (format[0] != 0 && format[1] == 0 && size <= 8 ? format[0] : 0) {
    case '?':
        put_byte(*p ? V_TRUE : V_FALSE);
        return;
    case 'd':
        put_byte(V_FLOAT);
        put_bytes(p, 8);
        return;
    case 'f':
        memcpy(&single, p, 4);
        real = single;
        put_byte(V_FLOAT);
        put_bytes(&real, 8);
        return;
    case 'b': case 'h': case 'i': case 'l': case 'q': {
        int shift = 64 - 8 * (int)size;
        memcpy(&number, p, (size_t)size);
        put_byte(V_INT);
        put_signed((int64_t)((uint64_t)number << shift) >> shift);
        return;
    }
    case 'B': case 'H': case 'I': case 'L': case 'Q':
        memcpy(&number, p, (size_t)size);
        if (number >= 0) {
            put_byte(V_INT);
            put_signed(number);
        }
        else {
            put_byte(V_BIGINT);
            put_byte(0);
            put_unsigned(8);
            put_bytes(p, 8);
        }
        return;
    default:
        break;
    }
    if (strcmp(format, "Zd") == 0) {
        put_byte(V_COMPLEX);
        put_bytes(p, 16);
    }
    else if (size <= 64) {
        put_byte(V_BYTES);
        put_unsigned((uint64_t)size);
        put_bytes(p, (size_t)size);
    }
    else {
        put_byte(V_NULLTEXT);
        put_unsigned((uint64_t)size);
    }
}

/* PART_ARRAY of stream.h; false where the array can't be read. */
static bool put_array(PyObject *object, uint64_t *hash)
{
    Array array;
    if (!open_array(object, &array)) {
        return false;
    }
    const char *format = array.view.format != NULL ? array.view.format : "B";
    const char *bare = format;
    while (*bare == '<' || *bare == '=' || *bare == '@' || *bare == '|') {
        bare++;
    }
    *hash = array_fingerprint(&array);
    put_byte(PART_ARRAY);
    put_unsigned((uint64_t)array.total + 2);
    put_unsigned((uint64_t)array.head + 2);
    put_byte(V_STR);
    put_c_text(format);
    put_byte(V_TUPLE);
    put_unsigned((uint64_t)array.view.ndim);
    put_unsigned((uint64_t)array.view.ndim);
    for (int i = 0; i < array.view.ndim; i++) {
        put_byte(V_INT);
        put_signed(array.view.shape[i]);
    }
    for (Py_ssize_t n = 0; n < array.head; n++) {
        put_element(array_element(&array, n), bare, array.view.itemsize);
    }
    put_unsigned((uint64_t)array.tail);
    for (Py_ssize_t n = array.head; n < array.head + array.tail; n++) {
        put_element(array_element(&array, n), bare, array.view.itemsize);
    }
    if (array.head < array.total) {
        R.ring->cut[CUT_ITEMS]++;
    }
    PyBuffer_Release(&array.view);
    return true;
}
