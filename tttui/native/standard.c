/* Values of standard types that can't change, in the form of their repr. */
#include "recorder.h"
#include "hashing.h"

/* Only the layouts: the C API of datetime, which would have to be imported, isn't used. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wunused-variable"
#include <datetime.h>
#pragma GCC diagnostic pop
#include <math.h>

static Entry *entry_of(PyObject *object, TypeInfo *info);
static uint64_t line_began; /* the event of the line whose changes are written */
static bool in_new;     /* what is written is held by an object that wasn't known before */
static bool in_library; /* what is written is held by what is a library's */
static bool from_outside; /* what is written may have come from code that isn't recorded, which may have kept it */
static uint64_t array_scalar_hash(PyObject *object);
static bool put_array_scalar(PyObject *object, TypeInfo *info);

/* Layouts of standard types that CPython keeps private; unchanged from 3.11 to 3.15 (tests read
 * each of them back on every version). */
typedef struct {
    PyObject_HEAD
    PyObject *start, *stop, *step, *length;
} RangeLayout;
typedef struct {
    PyObject_HEAD
    PyObject *function, *arguments, *keywords;
} PartialLayout;
typedef struct {
    PyObject_VAR_HEAD
    Py_ssize_t groups;
    PyObject *groupindex, *indexgroup, *pattern;
} PatternLayout;
typedef struct {
    PyObject_HEAD
    Py_hash_t hash;
    uint8_t flags;
    Py_ssize_t exponent, digits, words, allocated;
    uint64_t *data;
} DecimalLayout;

#define VALUE_DEPTH 12 /* of tuples within tuples; deeper is cut */
#define REPR_ROOM 1536

static size_t format_decimal(PyObject *object, char *out, size_t room)
{
    DecimalLayout *decimal = (DecimalLayout *)object;
    uint8_t flags = decimal->flags;
    const char *sign = flags & 1 ? "-" : "";
    if (flags & 2) {
        return (size_t)snprintf(out, room, "Decimal('%sInfinity')", sign);
    }
    if (flags & 4) {
        return (size_t)snprintf(out, room, "Decimal('%sNaN')", sign);
    }
    if (flags & 8) {
        return (size_t)snprintf(out, room, "Decimal('%ssNaN')", sign);
    }
    char digits[400];
    size_t count = 0;
    if (decimal->words < 1 || decimal->words > 18) {
        return 0;
    }
    for (Py_ssize_t i = decimal->words - 1; i >= 0; i--) {
        count += (size_t)snprintf(digits + count, sizeof digits - count,
                                  i == decimal->words - 1 ? "%llu" : "%019llu",
                                  (unsigned long long)decimal->data[i]);
    }
    Py_ssize_t exponent = decimal->exponent, leftdigits = exponent + (Py_ssize_t)count, dot;
    if (exponent <= 0 && leftdigits > -6) {
        dot = leftdigits;
    }
    else {
        dot = 1;
    }
    size_t used = (size_t)snprintf(out, room, "Decimal('%s", sign);
    if (dot <= 0) {
        used += (size_t)snprintf(out + used, room - used, "0.");
        for (Py_ssize_t i = dot; i < 0; i++) {
            out[used++] = '0';
        }
        used += (size_t)snprintf(out + used, room - used, "%s", digits);
    }
    else if ((size_t)dot >= count) {
        used += (size_t)snprintf(out + used, room - used, "%s", digits);
        for (size_t i = count; i < (size_t)dot && used < room - 40; i++) {
            out[used++] = '0';
        }
    }
    else {
        used += (size_t)snprintf(out + used, room - used, "%.*s.%s", (int)dot, digits, digits + dot);
    }
    if (leftdigits != dot) {
        used += (size_t)snprintf(out + used, room - used, "E%+zd", leftdigits - dot);
    }
    return used + (size_t)snprintf(out + used, room - used, "')");
}

static size_t format_time_part(char *out, size_t room, int hour, int minute, int second, int micro)
{
    size_t used = (size_t)snprintf(out, room, "%d, %d", hour, minute);
    if (second || micro) {
        used += (size_t)snprintf(out + used, room - used, ", %d", second);
    }
    if (micro) {
        used += (size_t)snprintf(out + used, room - used, ", %d", micro);
    }
    return used;
}

static size_t format_zone(char *out, size_t room, PyObject *zone)
{
    if (zone == NULL || zone == Py_None) {
        return 0;
    }
    /* The zone is an object of its own; UTC, by far the most common, is told by its layout. */
    if (is_c_type(Py_TYPE(zone), "datetime.timezone")) {
        PyObject *offset = ((PyObject **)((char *)zone + sizeof(PyObject)))[0];
        if (offset != NULL && is_c_type(Py_TYPE(offset), "datetime.timedelta")) {
            PyDateTime_Delta *delta = (PyDateTime_Delta *)offset;
            if (delta->days == 0 && delta->seconds == 0 && delta->microseconds == 0) {
                return (size_t)snprintf(out, room, ", tzinfo=datetime.timezone.utc");
            }
            return (size_t)snprintf(out, room,
                                    ", tzinfo=datetime.timezone(datetime.timedelta(days=%d, seconds=%d))",
                                    delta->days, delta->seconds);
        }
    }
    return (size_t)snprintf(out, room, ", tzinfo=<%.80s>", Py_TYPE(zone)->tp_name);
}

/* The repr that the type itself makes, which asks nothing of anybody where the pattern is exactly a str or bytes. */
static size_t format_pattern(PyObject *object, char *out, size_t room)
{
    PyObject *pattern = ((PatternLayout *)object)->pattern;
    if (pattern == NULL || !(PyUnicode_CheckExact(pattern) || PyBytes_CheckExact(pattern))) {
        return 0;
    }
    PyObject *text = Py_TYPE(object)->tp_repr(object);
    if (text == NULL) {
        PyErr_Clear();
        return 0;
    }
    Py_ssize_t length = PyUnicode_GET_LENGTH(text), most = (Py_ssize_t)room / 4;
    size_t size = encode_text(text, length < most ? length : most, (uint8_t *)out);
    Py_DECREF(text);
    return size;
}

/* 0 where it is none of these. */
static size_t format_standard(PyObject *object, char *out, size_t room)
{
    const char *name = Py_TYPE(object)->tp_name;
    if (name[0] == 'd' && strncmp(name, "datetime.", 9) == 0) {
        if (strcmp(name + 9, "datetime") == 0) {
            PyDateTime_DateTime *t = (PyDateTime_DateTime *)object;
            size_t used = (size_t)snprintf(out, room, "datetime.datetime(%d, %d, %d, ",
                                           PyDateTime_GET_YEAR(t), PyDateTime_GET_MONTH(t),
                                           PyDateTime_GET_DAY(t));
            used += format_time_part(out + used, room - used, PyDateTime_DATE_GET_HOUR(t),
                                     PyDateTime_DATE_GET_MINUTE(t), PyDateTime_DATE_GET_SECOND(t),
                                     PyDateTime_DATE_GET_MICROSECOND(t));
            if (PyDateTime_DATE_GET_FOLD(t)) {
                used += (size_t)snprintf(out + used, room - used, ", fold=1");
            }
            if (t->hastzinfo) {
                used += format_zone(out + used, room - used, t->tzinfo);
            }
            return used + (size_t)snprintf(out + used, room - used, ")");
        }
        if (strcmp(name + 9, "date") == 0) {
            PyDateTime_Date *d = (PyDateTime_Date *)object;
            return (size_t)snprintf(out, room, "datetime.date(%d, %d, %d)", PyDateTime_GET_YEAR(d),
                                    PyDateTime_GET_MONTH(d), PyDateTime_GET_DAY(d));
        }
        if (strcmp(name + 9, "time") == 0) {
            PyDateTime_Time *t = (PyDateTime_Time *)object;
            size_t used = (size_t)snprintf(out, room, "datetime.time(");
            used += format_time_part(out + used, room - used, PyDateTime_TIME_GET_HOUR(t),
                                     PyDateTime_TIME_GET_MINUTE(t), PyDateTime_TIME_GET_SECOND(t),
                                     PyDateTime_TIME_GET_MICROSECOND(t));
            if (PyDateTime_TIME_GET_FOLD(t)) {
                used += (size_t)snprintf(out + used, room - used, ", fold=1");
            }
            if (t->hastzinfo) {
                used += format_zone(out + used, room - used, t->tzinfo);
            }
            return used + (size_t)snprintf(out + used, room - used, ")");
        }
        if (strcmp(name + 9, "timedelta") == 0) {
            PyDateTime_Delta *d = (PyDateTime_Delta *)object;
            size_t used = (size_t)snprintf(out, room, "datetime.timedelta(");
            const char *comma = "";
            if (d->days) {
                used += (size_t)snprintf(out + used, room - used, "days=%d", d->days);
                comma = ", ";
            }
            if (d->seconds) {
                used += (size_t)snprintf(out + used, room - used, "%sseconds=%d", comma, d->seconds);
                comma = ", ";
            }
            if (d->microseconds) {
                used += (size_t)snprintf(out + used, room - used, "%smicroseconds=%d", comma, d->microseconds);
                comma = ", ";
            }
            return used + (size_t)snprintf(out + used, room - used, *comma ? ")" : "0)");
        }
    }
    if (strcmp(name, "re.Pattern") == 0) {
        return format_pattern(object, out, room);
    }
    if (strcmp(name, "decimal.Decimal") == 0 && !(Py_TYPE(object)->tp_flags & Py_TPFLAGS_MANAGED_DICT) &&
        Py_TYPE(object)->tp_dictoffset == 0) {
        return format_decimal(object, out, room);
    }
    return 0;
}
