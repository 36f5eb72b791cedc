/* numpy's arrays and scalars, through the buffer protocol of numpy's own types (C code, none of the program's). */
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

/* The type written in C that an object's type is, or is derived from: a class may have a __buffer__ of its own. */
static PyBufferProcs *own_buffer(PyObject *object)
{
    PyTypeObject *type = Py_TYPE(object);
    while (type != NULL && (type->tp_flags & Py_TPFLAGS_HEAPTYPE)) {
        type = type->tp_base;
    }
    return type != NULL ? type->tp_as_buffer : NULL;
}

static bool open_buffer(PyObject *object, Py_buffer *view)
{
    PyBufferProcs *buffer = own_buffer(object);
    if (buffer == NULL || buffer->bf_getbuffer == NULL) {
        return false;
    }
    PyObject *type, *value, *traceback;
    PyErr_Fetch(&type, &value, &traceback);
    int failed = buffer->bf_getbuffer(object, view, PyBUF_FULL_RO);
    PyErr_Clear();
    PyErr_Restore(type, value, traceback);
    return !failed;
}

/* What PyBuffer_Release does, less a __release_buffer__ of the program's. */
static void close_buffer(PyObject *object, Py_buffer *view)
{
    PyBufferProcs *buffer = own_buffer(object);
    if (buffer->bf_releasebuffer != NULL) {
        buffer->bf_releasebuffer(object, view);
    }
    Py_CLEAR(view->obj);
}

static bool open_array(PyObject *object, Array *array)
{
    if (!open_buffer(object, &array->view)) {
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
    close_buffer(object, &array.view);
    return hash;
}

/* What an array of objects holds: what changes by itself isn't followed from there, so it is known by its type alone. */
static void put_object_element(PyObject *object)
{
    TypeInfo *info = NULL;
    int kind = object != NULL ? value_kind(object, &info) : KIND_NONE_;
    if (kind == KIND_TRACKED || kind == KIND_TUPLE || kind == KIND_NAMED || kind == KIND_FROZENSET) {
        put_byte(V_OPAQUE);
        put_unsigned(type_info(Py_TYPE(object))->id);
    }
    else {
        put_value(object != NULL ? object : Py_None, 1); /* numpy's NULL is None */
    }
}

static bool is_text_format(const char *format)
{
    size_t digits = strspn(format, "0123456789");
    return format[digits] == 'w' && format[digits + 1] == 0;
}

/* A str of fixed width: UCS-4, filled up with NUL. */
static void put_text_element(const char *p, Py_ssize_t size)
{
    Py_UCS4 characters[64];
    Py_ssize_t length = size / (Py_ssize_t)sizeof(Py_UCS4);
    if (length > 64) {
        put_byte(V_NULLTEXT);
        put_unsigned((uint64_t)length);
        return;
    }
    memcpy(characters, p, (size_t)length * sizeof(Py_UCS4));
    while (length > 0 && characters[length - 1] == 0) {
        length--;
    }
    for (Py_ssize_t i = 0; i < length; i++) {
        if (characters[i] > 0x10ffff) {
            characters[i] = 0xfffd; /* memory that was never a text */
        }
    }
    uint8_t text[4 * 64];
    size_t count = encode_characters(PyUnicode_4BYTE_KIND, characters, length, text);
    put_byte(V_STR);
    put_unsigned(count);
    put_bytes(text, count);
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
    case 'e':
        real = PyFloat_Unpack2(p, PY_LITTLE_ENDIAN);
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
    else if (strcmp(format, "O") == 0) {
        PyObject *object;
        memcpy(&object, p, sizeof object);
        put_object_element(object);
    }
    else if (is_text_format(format)) {
        put_text_element(p, size);
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

/* The format without the mark of native byte order. */
static const char *bare_format(const Py_buffer *view)
{
    const char *format = view->format != NULL ? view->format : "B";
    while (*format == '<' || *format == '=' || *format == '@' || *format == '|') {
        format++;
    }
    return format;
}

/* numpy's name of the type of the elements where it has one, else the format as it is. */
static void put_dtype(const Py_buffer *view)
{
    static const struct {
        const char *formats, *name;
    } names[] = {{"bhilq", "int"}, {"BHILQ", "uint"}, {"efdg", "float"}};
    const char *format = bare_format(view);
    char text[24];
    if (strcmp(format, "?") == 0) {
        put_c_text("bool");
        return;
    }
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (format[0] != 0 && format[1] == 0 && strchr(names[i].formats, format[0]) != NULL) {
            snprintf(text, sizeof text, "%s%d", names[i].name, (int)view->itemsize * 8);
            put_c_text(text);
            return;
        }
    }
    if (format[0] == 'Z' && format[1] != 0 && format[2] == 0) {
        snprintf(text, sizeof text, "complex%d", (int)view->itemsize * 8);
        put_c_text(text);
        return;
    }
    if (is_text_format(format)) {
        snprintf(text, sizeof text, "<U%d", (int)(view->itemsize / (Py_ssize_t)sizeof(Py_UCS4)));
        put_c_text(text);
        return;
    }
    put_c_text(strcmp(format, "O") == 0 ? "object" : format);
}

/* PART_ARRAY of stream.h; false where the array can't be read. */
static bool put_array(PyObject *object, uint64_t *hash)
{
    Array array;
    if (!open_array(object, &array)) {
        return false;
    }
    const char *bare = bare_format(&array.view);
    *hash = array_fingerprint(&array);
    put_byte(PART_ARRAY);
    put_unsigned((uint64_t)array.total + 2);
    put_unsigned((uint64_t)array.head + 2);
    put_byte(V_STR);
    put_dtype(&array.view);
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
    close_buffer(object, &array.view);
    return true;
}

/* ---- scalars ---- */

/* One of numpy's own; of a class derived from it the program may have said otherwise. */
static bool is_array_scalar(PyTypeObject *type)
{
    return !(type->tp_flags & Py_TPFLAGS_HEAPTYPE) && strncmp(type->tp_name, "numpy.", 6) == 0 &&
           strcmp(type->tp_name, "numpy.ndarray") != 0 && type->tp_as_buffer != NULL &&
           type->tp_as_buffer->bf_getbuffer != NULL;
}

static bool open_scalar(PyObject *object, Py_buffer *view)
{
    if (!open_buffer(object, view)) {
        return false;
    }
    const char *format = bare_format(view);
    bool number = format[0] != 0 && strchr("?bhilqBHILQefd", format[0]) != NULL && format[1] == 0;
    if (view->ndim == 0 && (number || strcmp(format, "Zd") == 0)) {
        return true;
    }
    close_buffer(object, view); /* dates, records, long doubles: known by their type alone */
    return false;
}

static uint64_t array_scalar_hash(PyObject *object)
{
    Py_buffer view;
    if (!open_scalar(object, &view)) {
        return mix((uint64_t)(uintptr_t)object, (uint64_t)(uintptr_t)Py_TYPE(object));
    }
    uint64_t hash = hash_bytes(view.buf, (size_t)view.itemsize, (uint64_t)(uintptr_t)Py_TYPE(object));
    close_buffer(object, &view);
    return hash;
}

/* As a value of its type that holds one number; false where it can't be read. */
static bool put_array_scalar(PyObject *object, TypeInfo *info)
{
    Py_buffer view;
    if (!open_scalar(object, &view)) {
        return false;
    }
    put_byte(V_NAMED);
    put_unsigned(info->id);
    put_unsigned(1);
    put_unsigned(1);
    put_element(view.buf, bare_format(&view), view.itemsize);
    close_buffer(object, &view);
    return true;
}
