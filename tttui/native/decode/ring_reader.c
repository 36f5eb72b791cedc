/* The consumer's side of the ring (ring.h), as the type Ring, and the making of ring files. */
#include "../reader.h"
#include "../ring.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

_Static_assert(sizeof(RingHeader) <= RING_HEADER_SIZE, "the header fits its page");

typedef struct {
    PyObject_HEAD
    RingHeader *header; /* the mapping, owned; NULL: closed */
    uint64_t capacity;  /* as it was when opened: the program can't talk us out of our mapping */
    size_t mapped;      /* bytes */
} Ring;

/* How a field of the header is read and written. */
typedef struct {
    const char *name;
    size_t offset;
    enum { UNSIGNED_64, SIGNED_64, UNSIGNED_32, SIGNED_32 } form;
    bool ours; /* the writer's or the launcher's */
} Field;

#define FIELD(name, form, ours) {#name, offsetof(RingHeader, name), form, ours}

static const Field fields[] = {
    FIELD(capacity, UNSIGNED_64, false),    FIELD(head, UNSIGNED_64, false),
    FIELD(output_head, UNSIGNED_64, false), FIELD(output_tail, UNSIGNED_64, true),
    FIELD(output_seen, UNSIGNED_32, false),
    FIELD(events, UNSIGNED_64, false),      FIELD(calls, UNSIGNED_64, false),
    FIELD(chunks, UNSIGNED_64, false),      FIELD(start_clock, UNSIGNED_64, false),
    FIELD(start_wall, UNSIGNED_64, false),  FIELD(program_pid, SIGNED_64, false),
    FIELD(attached, UNSIGNED_32, false),    FIELD(python_hex, UNSIGNED_32, false),
    FIELD(forks, UNSIGNED_64, false),       FIELD(waits, UNSIGNED_64, false),
    FIELD(abandoned, UNSIGNED_64, false),   FIELD(tail, UNSIGNED_64, true),
    FIELD(writer_pid, SIGNED_64, true),     FIELD(writer_beat, UNSIGNED_64, true),
    FIELD(stop, UNSIGNED_32, true),         FIELD(ended, UNSIGNED_32, true),
    FIELD(wait_status, SIGNED_32, true),    FIELD(checkpoints, UNSIGNED_64, false),
    FIELD(checkpoint_ns, UNSIGNED_64, false), FIELD(checkpoints_off, UNSIGNED_32, true),
    FIELD(checkpoint_memory, UNSIGNED_64, true), FIELD(inputs_until, UNSIGNED_64, false), FIELD(main_thread, UNSIGNED_64, false), FIELD(paused, UNSIGNED_64, false), FIELD(resumed, UNSIGNED_64, true),
};
enum { FIELDS = sizeof fields / sizeof *fields };

static bool is_open(const Ring *ring)
{
    if (ring->header == NULL)
        PyErr_SetString(PyExc_ValueError, "the ring is closed");
    return ring->header != NULL;
}

static PyObject *get_field(PyObject *self, void *closure)
{
    const Ring *ring = (Ring *)self;
    const Field *field = closure;
    if (!is_open(ring))
        return NULL;
    const char *place = (const char *)ring->header + field->offset;
    switch (field->form) {
    case UNSIGNED_64:
        return PyLong_FromUnsignedLongLong(__atomic_load_n((const uint64_t *)place, __ATOMIC_ACQUIRE));
    case SIGNED_64:
        return PyLong_FromLongLong(__atomic_load_n((const int64_t *)place, __ATOMIC_ACQUIRE));
    case UNSIGNED_32:
        return PyLong_FromUnsignedLong(__atomic_load_n((const uint32_t *)place, __ATOMIC_ACQUIRE));
    default:
        return PyLong_FromLong(__atomic_load_n((const int32_t *)place, __ATOMIC_ACQUIRE));
    }
}

static bool store_unsigned(char *place, bool wide, PyObject *value)
{
    unsigned long long number = PyLong_AsUnsignedLongLong(value);
    if (number == (unsigned long long)-1 && PyErr_Occurred())
        return false;
    if (wide)
        __atomic_store_n((uint64_t *)place, number, __ATOMIC_RELEASE);
    else if (number > UINT32_MAX)
        PyErr_SetString(PyExc_OverflowError, "the number needs more than 32 bits");
    else
        __atomic_store_n((uint32_t *)place, (uint32_t)number, __ATOMIC_RELEASE);
    return !PyErr_Occurred();
}

static bool store_signed(char *place, bool wide, PyObject *value)
{
    long long number = PyLong_AsLongLong(value);
    if (number == -1 && PyErr_Occurred())
        return false;
    if (wide)
        __atomic_store_n((int64_t *)place, number, __ATOMIC_RELEASE);
    else if (number > INT32_MAX || number < INT32_MIN)
        PyErr_SetString(PyExc_OverflowError, "the number needs more than 32 bits");
    else
        __atomic_store_n((int32_t *)place, (int32_t)number, __ATOMIC_RELEASE);
    return !PyErr_Occurred();
}

static int set_field(PyObject *self, PyObject *value, void *closure)
{
    Ring *ring = (Ring *)self;
    const Field *field = closure;
    if (!is_open(ring))
        return -1;
    if (value == NULL) {
        PyErr_SetString(PyExc_AttributeError, "a field of the ring can't be deleted");
        return -1;
    }
    char *place = (char *)ring->header + field->offset;
    bool wide = field->form == UNSIGNED_64 || field->form == SIGNED_64;
    bool is_signed = field->form == SIGNED_64 || field->form == SIGNED_32;
    return (is_signed ? store_signed(place, wide, value) : store_unsigned(place, wide, value)) ? 0 : -1;
}

static PyObject *get_counts(const uint64_t *counts, Py_ssize_t count)
{
    PyObject *tuple = PyTuple_New(count);
    for (Py_ssize_t index = 0; tuple != NULL && index < count; index++) {
        PyObject *number = PyLong_FromUnsignedLongLong(__atomic_load_n(&counts[index], __ATOMIC_RELAXED));
        if (number == NULL)
            Py_CLEAR(tuple);
        else
            PyTuple_SET_ITEM(tuple, index, number);
    }
    return tuple;
}

static PyObject *get_hash_secret(PyObject *self, void *closure)
{
    const Ring *ring = (Ring *)self;
    return is_open(ring) ? PyBytes_FromStringAndSize((const char *)ring->header->hash_secret, sizeof ring->header->hash_secret) : NULL;
}

static PyObject *get_cut(PyObject *self, void *closure)
{
    const Ring *ring = (Ring *)self;
    return is_open(ring) ? get_counts(ring->header->cut, sizeof ring->header->cut / sizeof *ring->header->cut) : NULL;
}

static PyObject *get_checkpoints_not(PyObject *self, void *closure)
{
    const Ring *ring = (Ring *)self;
    const uint64_t *counts = ring->header != NULL ? ring->header->checkpoints_not : NULL;
    return is_open(ring) ? get_counts(counts, sizeof ring->header->checkpoints_not / sizeof *counts) : NULL;
}

/* ---- opening and closing ---- */

static void ring_unmap(Ring *ring)
{
    if (ring->header != NULL)
        munmap(ring->header, ring->mapped);
    ring->header = NULL;
}

static bool capacity_is_good(uint64_t capacity)
{
    uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);
    return capacity >= page && (capacity & (capacity - 1)) == 0 && capacity <= (uint64_t)1 << 40;
}

/* Maps the ring file behind `descriptor`; false with an exception. */
static bool ring_map(Ring *ring, int descriptor, PyObject *path)
{
    struct stat status;
    if (fstat(descriptor, &status) < 0) {
        PyErr_SetFromErrnoWithFilenameObject(PyExc_OSError, path);
        return false;
    }
    if (!S_ISREG(status.st_mode) || (uint64_t)status.st_size <= RING_HEADER_SIZE
        || !capacity_is_good((uint64_t)status.st_size - RING_HEADER_SIZE)) {
        PyErr_Format(StreamError, "%R is not a ring", path);
        return false;
    }
    void *mapping = mmap(NULL, (size_t)status.st_size, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0);
    if (mapping == MAP_FAILED) {
        PyErr_SetFromErrnoWithFilenameObject(PyExc_OSError, path);
        return false;
    }
    RingHeader *header = mapping;
    uint64_t capacity = (uint64_t)status.st_size - RING_HEADER_SIZE;
    if (__atomic_load_n(&header->magic, __ATOMIC_ACQUIRE) != RING_MAGIC || header->format != STREAM_FORMAT
        || header->header_size != RING_HEADER_SIZE || header->capacity != capacity) {
        munmap(mapping, (size_t)status.st_size);
        PyErr_Format(StreamError, "%R is not a ring of this version", path);
        return false;
    }
    ring_unmap(ring);
    ring->header = header;
    ring->mapped = (size_t)status.st_size;
    ring->capacity = capacity;
    return true;
}

static int ring_init(PyObject *self, PyObject *arguments, PyObject *keywords)
{
    PyObject *path;
    static char *names[] = {"path", NULL};
    if (!PyArg_ParseTupleAndKeywords(arguments, keywords, "O&:Ring", names, PyUnicode_FSConverter, &path))
        return -1;
    int descriptor = open(PyBytes_AS_STRING(path), O_RDWR | O_CLOEXEC);
    bool mapped = false;
    if (descriptor < 0)
        PyErr_SetFromErrnoWithFilenameObject(PyExc_OSError, path);
    else {
        mapped = ring_map((Ring *)self, descriptor, path);
        close(descriptor);
    }
    Py_DECREF(path);
    return mapped ? 0 : -1;
}

static void ring_dealloc(PyObject *self)
{
    PyTypeObject *type = Py_TYPE(self);
    ring_unmap((Ring *)self);
    type->tp_free(self);
    Py_DECREF(type);
}

static PyObject *ring_close(PyObject *self, PyObject *nothing)
{
    ring_unmap((Ring *)self);
    Py_RETURN_NONE;
}

/* ---- reading ---- */

static PyObject *ring_chunk_start(PyObject *self, PyObject *argument)
{
    const Ring *ring = (Ring *)self;
    unsigned long long number = PyLong_AsUnsignedLongLong(argument);
    if ((number == (unsigned long long)-1 && PyErr_Occurred()) || !is_open(ring))
        return NULL;
    return PyLong_FromUnsignedLongLong(
        __atomic_load_n(&ring->header->chunk_start[number % RING_CHUNKS], __ATOMIC_ACQUIRE));
}

static PyObject *ring_read(PyObject *self, PyObject *const *arguments, Py_ssize_t count)
{
    const Ring *ring = (Ring *)self;
    if (count != 2) {
        PyErr_SetString(PyExc_TypeError, "read(start, stop)");
        return NULL;
    }
    uint64_t start = PyLong_AsUnsignedLongLong(arguments[0]);
    uint64_t stop = PyErr_Occurred() ? 0 : PyLong_AsUnsignedLongLong(arguments[1]);
    if (PyErr_Occurred() || !is_open(ring))
        return NULL;
    uint64_t head = __atomic_load_n(&ring->header->head, __ATOMIC_ACQUIRE);
    uint64_t oldest = head > ring->capacity ? head - ring->capacity : 0;
    if (start > stop || stop > head || start < oldest) {
        PyErr_Format(PyExc_ValueError, "the ring does not hold the bytes from %llu to %llu",
                     (unsigned long long)start, (unsigned long long)stop);
        return NULL;
    }
    PyObject *bytes = PyBytes_FromStringAndSize(NULL, (Py_ssize_t)(stop - start));
    if (bytes == NULL)
        return NULL;
    const char *data = (const char *)ring->header + RING_HEADER_SIZE;
    uint64_t offset = start & (ring->capacity - 1);
    uint64_t until_end = ring->capacity - offset;
    uint64_t first = stop - start < until_end ? stop - start : until_end;
    memcpy(PyBytes_AS_STRING(bytes), data + offset, first);
    memcpy(PyBytes_AS_STRING(bytes) + first, data, stop - start - first);
    return bytes;
}

/* Copies from the output area, round its end. */
static void copy_output(const Ring *ring, uint64_t position, void *to, size_t count)
{
    const char *area = (const char *)ring->header + RING_OUTPUT;
    uint64_t offset = position & (RING_OUTPUT_SIZE - 1);
    size_t first = count < RING_OUTPUT_SIZE - offset ? count : RING_OUTPUT_SIZE - offset;
    memcpy(to, area + offset, first);
    memcpy((char *)to + first, area, count - first);
}

/* The record of the output area at a position; its whole size, or 0 where there is none before `head`. */
static uint64_t output_at(const Ring *ring, uint64_t at, uint64_t head, RingOutput *record)
{
    if (head - at < sizeof *record)
        return 0;
    copy_output(ring, at, record, sizeof *record);
    uint64_t size = sizeof *record + (((uint64_t)record->length + 7) & ~(uint64_t)7);
    return size <= head - at ? size : 0;
}

/* outputs(start) -> (next, [(event, fd, bytes), ...]) */
static PyObject *ring_outputs(PyObject *self, PyObject *argument)
{
    const Ring *ring = (Ring *)self;
    uint64_t at = PyLong_AsUnsignedLongLong(argument), size;
    if (PyErr_Occurred() || !is_open(ring))
        return NULL;
    uint64_t head = __atomic_load_n(&ring->header->output_head, __ATOMIC_ACQUIRE);
    PyObject *list = PyList_New(0);
    if (at > head || head - at > RING_OUTPUT_SIZE)
        at = head; /* a program that scribbled over the header: what was written is lost */
    RingOutput record;
    for (; list != NULL && (size = output_at(ring, at, head, &record)) > 0; at += size) {
        if (record.descriptor >= INPUT_MARK)
            continue;
        PyObject *bytes = PyBytes_FromStringAndSize(NULL, record.length);
        if (bytes != NULL)
            copy_output(ring, at + sizeof record, PyBytes_AS_STRING(bytes), record.length);
        PyObject *row = bytes == NULL ? NULL
                                      : Py_BuildValue("LkN", (long long)(record.event - 1),
                                                      (unsigned long)record.descriptor, bytes);
        if (row == NULL || PyList_Append(list, row) < 0)
            Py_CLEAR(list);
        Py_XDECREF(row);
    }
    return list == NULL ? NULL : Py_BuildValue("KN", (unsigned long long)head, list);
}

/* inputs(start, stop) -> (number, their records as they stand there) */
static PyObject *ring_inputs(PyObject *self, PyObject *const *arguments, Py_ssize_t count)
{
    const Ring *ring = (Ring *)self;
    if (count != 2) {
        PyErr_SetString(PyExc_TypeError, "inputs(start, stop)");
        return NULL;
    }
    uint64_t at = PyLong_AsUnsignedLongLong(arguments[0]), size;
    uint64_t stop = PyErr_Occurred() ? 0 : PyLong_AsUnsignedLongLong(arguments[1]);
    if (PyErr_Occurred() || !is_open(ring))
        return NULL;
    if (at > stop || stop - at > RING_OUTPUT_SIZE)
        at = stop;
    PyObject *bytes = PyBytes_FromStringAndSize(NULL, (Py_ssize_t)(stop - at));
    if (bytes == NULL)
        return NULL;
    char *to = PyBytes_AS_STRING(bytes);
    unsigned long long number = 0;
    RingOutput record;
    for (; (size = output_at(ring, at, stop, &record)) > 0; at += size)
        if (record.descriptor >= INPUT_MARK) {
            copy_output(ring, at, to, size);
            to += size;
            number++;
        }
    if (_PyBytes_Resize(&bytes, to - PyBytes_AS_STRING(bytes)) < 0)
        return NULL;
    return Py_BuildValue("KN", number, bytes);
}

static PyMethodDef ring_methods[] = {
    {"outputs", ring_outputs, METH_O, "outputs(start): what was written to stdout and stderr, and where to go on."},
    {"inputs", (PyCFunction)(void (*)(void))ring_inputs, METH_FASTCALL, "inputs(start, stop): what the program got to know, there."},
    {"chunk_start", ring_chunk_start, METH_O, "chunk_start(number): position at which that chunk begins."},
    {"read", (PyCFunction)(void (*)(void))ring_read, METH_FASTCALL, "read(start, stop): the published bytes."},
    {"close", ring_close, METH_NOARGS, "close(): unmap the ring; harmless when done twice."},
    {NULL},
};

static PyGetSetDef ring_attributes[FIELDS + 4];

static PyType_Slot ring_slots[] = {
    {Py_tp_doc, "The consumer's side of a ring file (mapped read-write)."},
    {Py_tp_init, ring_init},
    {Py_tp_new, PyType_GenericNew},
    {Py_tp_dealloc, ring_dealloc},
    {Py_tp_methods, ring_methods},
    {Py_tp_getset, ring_attributes},
    {0, NULL},
};

static PyType_Spec ring_spec = {
    .name = "tttui.native.reader.Ring",
    .basicsize = sizeof(Ring),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_IMMUTABLETYPE,
    .slots = ring_slots,
};

PyObject *make_ring_type(PyObject *module)
{
    for (int index = 0; index < FIELDS; index++)
        ring_attributes[index] = (PyGetSetDef){
            .name = fields[index].name,
            .get = get_field,
            .set = fields[index].ours ? set_field : NULL,
            .closure = (void *)&fields[index],
        };
    ring_attributes[FIELDS] = (PyGetSetDef){.name = "cut", .get = get_cut};
    ring_attributes[FIELDS + 1] = (PyGetSetDef){.name = "checkpoints_not", .get = get_checkpoints_not};
    ring_attributes[FIELDS + 2] = (PyGetSetDef){.name = "hash_secret", .get = get_hash_secret};
    return PyType_FromModuleAndSpec(module, &ring_spec, NULL);
}

/* ---- making ---- */

/* Fills a new ring file; an errno, or 0. */
static int fill_ring(int descriptor, uint64_t capacity, const char *options, size_t options_size)
{
    off_t size = (off_t)(RING_HEADER_SIZE + capacity);
    /* Allocated, not sparse: a program that runs out of space in the ring would die of SIGBUS. */
    int error = posix_fallocate(descriptor, 0, size);
    if (error != 0)
        return error;
    RingHeader *header = mmap(NULL, RING_HEADER_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0);
    if (header == MAP_FAILED)
        return errno;
    header->format = STREAM_FORMAT;
    header->header_size = RING_HEADER_SIZE;
    header->capacity = capacity;
    memcpy(header->options, options, options_size);
    __atomic_store_n(&header->magic, RING_MAGIC, __ATOMIC_RELEASE);
    munmap(header, RING_HEADER_SIZE);
    return 0;
}

PyObject *reader_create_ring(PyObject *module, PyObject *arguments)
{
    PyObject *path;
    unsigned long long capacity;
    const char *options;
    Py_ssize_t size;
    if (!PyArg_ParseTuple(arguments, "O&Ks#:create_ring", PyUnicode_FSConverter, &path, &capacity, &options, &size))
        return NULL;
    if (!capacity_is_good(capacity) || (size_t)size >= sizeof ((RingHeader *)0)->options
        || memchr(options, 0, (size_t)size) != NULL) {
        PyErr_SetString(PyExc_ValueError,
                        !capacity_is_good(capacity)
                            ? "the capacity of a ring is a power of two and a multiple of the page size"
                            : "the options are too long or contain a NUL");
        Py_DECREF(path);
        return NULL;
    }
    int error = 0;
    int descriptor = open(PyBytes_AS_STRING(path), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (descriptor < 0)
        error = errno;
    else {
        Py_BEGIN_ALLOW_THREADS
        error = fill_ring(descriptor, capacity, options, (size_t)size);
        close(descriptor);
        if (error != 0)
            unlink(PyBytes_AS_STRING(path));
        Py_END_ALLOW_THREADS
    }
    if (error != 0) {
        errno = error;
        PyErr_SetFromErrnoWithFilenameObject(PyExc_OSError, path);
    }
    Py_DECREF(path);
    if (error != 0)
        return NULL;
    Py_RETURN_NONE;
}

PyObject *reader_keep_room(PyObject *module, PyObject *arguments)
{
    int descriptor;
    long long start, size;
    if (!PyArg_ParseTuple(arguments, "iLL:keep_room", &descriptor, &start, &size))
        return NULL;
    int result;
    Py_BEGIN_ALLOW_THREADS
    result = fallocate(descriptor, FALLOC_FL_KEEP_SIZE, (off_t)start, (off_t)size);
    Py_END_ALLOW_THREADS
    if (result != 0)
        return PyErr_SetFromErrno(PyExc_OSError);
    Py_RETURN_NONE;
}
