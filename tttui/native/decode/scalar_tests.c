#include "scalar_tests.h"

#include <math.h>
#include <string.h>

typedef enum {
    T_COLUMN,
    T_CONSTANT,
    T_UNKNOWN,
    T_AND,
    T_OR,
    T_NOT,
    T_EQUAL,
    T_DIFFERENT,
    T_LESS,
    T_AT_MOST,
    T_GREATER,
    T_AT_LEAST,
    T_IS,
    T_IS_NOT,
    T_PLUS,
    T_MINUS,
    T_TIMES,
    T_DIVIDED,
    T_FLOOR_DIVIDED,
    T_MODULO,
    T_NEGATIVE,
} Operation;

static const struct {
    const char *name;
    int operands;
} operations[] = {
    [T_COLUMN] = {"column", 1}, [T_CONSTANT] = {"constant", 1}, [T_UNKNOWN] = {"unknown", 0},
    [T_AND] = {"and", 2},       [T_OR] = {"or", 2},             [T_NOT] = {"not", 1},
    [T_EQUAL] = {"==", 2},      [T_DIFFERENT] = {"!=", 2},      [T_LESS] = {"<", 2},
    [T_AT_MOST] = {"<=", 2},    [T_GREATER] = {">", 2},         [T_AT_LEAST] = {">=", 2},
    [T_IS] = {"is", 2},         [T_IS_NOT] = {"is not", 2},     [T_PLUS] = {"+", 2},
    [T_MINUS] = {"-", 2},       [T_TIMES] = {"*", 2},           [T_DIVIDED] = {"/", 2},
    [T_FLOOR_DIVIDED] = {"//", 2}, [T_MODULO] = {"%", 2},       [T_NEGATIVE] = {"negative", 1},
};

/* Ints up to here are floats, too, all of them. */
#define MOST_EXACT (INT64_C(1) << 53)

/* ---- reading them ---- */

Scalar scalar_from(PyObject *object)
{
    Scalar scalar = {S_UNTOLD};
    if (object == Py_None)
        scalar.kind = S_NONE;
    else if (object == Py_Ellipsis)
        scalar.kind = S_ANY;
    else if (PyBool_Check(object)) {
        scalar.kind = S_BOOL;
        scalar.number = object == Py_True;
    } else if (PyLong_CheckExact(object)) {
        int overflow;
        scalar.number = PyLong_AsLongLongAndOverflow(object, &overflow);
        scalar.kind = overflow == 0 ? S_INT : S_UNTOLD;
    } else if (PyFloat_CheckExact(object)) {
        scalar.kind = S_FLOAT;
        scalar.real = PyFloat_AS_DOUBLE(object);
    } else if (PyUnicode_CheckExact(object)) {
        Py_ssize_t size;
        const char *text = PyUnicode_AsUTF8AndSize(object, &size);
        if (text == NULL)
            PyErr_Clear(); /* lone surrogates */
        else {
            scalar.kind = S_TEXT;
            scalar.text = (Span){(const uint8_t *)text, (size_t)size};
        }
    }
    return scalar;
}

static bool read_test(Tests *tests, PyObject *wanted, Py_ssize_t columns)
{
    const char *name = PyTuple_Check(wanted) && PyTuple_GET_SIZE(wanted) >= 1 && PyUnicode_Check(PyTuple_GET_ITEM(wanted, 0))
                           ? PyUnicode_AsUTF8(PyTuple_GET_ITEM(wanted, 0))
                           : NULL;
    if (PyErr_Occurred())
        return false;
    int operation = 0, last = (int)(sizeof operations / sizeof *operations) - 1;
    while (operation < last && (name == NULL || strcmp(name, operations[operation].name) != 0))
        operation++;
    if (name == NULL || strcmp(name, operations[operation].name) != 0
        || PyTuple_GET_SIZE(wanted) != 1 + operations[operation].operands) {
        PyErr_SetString(PyExc_ValueError, "there is no such test");
        return false;
    }
    Test test = {.operation = (uint8_t)operation};
    if (operation == T_COLUMN) {
        Py_ssize_t column = PyLong_AsSsize_t(PyTuple_GET_ITEM(wanted, 1));
        if (!PyErr_Occurred() && (column < 0 || column >= columns))
            PyErr_SetString(PyExc_ValueError, "there is no such column");
        test.left = (uint16_t)column;
    } else if (operation == T_CONSTANT)
        test.constant = scalar_from(PyTuple_GET_ITEM(wanted, 1));
    else {
        uint16_t *operands[2] = {&test.left, &test.right};
        for (int index = 0; index < operations[operation].operands; index++) {
            if (Py_EnterRecursiveCall(" in a test"))
                return false;
            bool good = read_test(tests, PyTuple_GET_ITEM(wanted, 1 + index), columns);
            Py_LeaveRecursiveCall();
            if (!good)
                return false;
            *operands[index] = (uint16_t)(tests->count - 1);
        }
    }
    if (!PyErr_Occurred() && tests->count == MOST_TESTS)
        PyErr_SetString(PyExc_ValueError, "too many tests");
    if (PyErr_Occurred())
        return false;
    tests->all[tests->count++] = test;
    return true;
}

bool read_tests(Tests *tests, PyObject *wanted, Py_ssize_t columns)
{
    tests->count = 0;
    return wanted == Py_None || read_test(tests, wanted, columns);
}

Scalar scalar_in(const Replay *replay, const uint8_t *value)
{
    uint8_t tag = *value;
    if (tag >= V_SMALL_INT)
        return (Scalar){S_INT, .number = (int64_t)(tag & 0x7f) - 16};
    Cursor cursor = replay->cursor;
    cursor.at = value + 1;
    switch (tag) {
    case V_NONE:
        return (Scalar){S_NONE};
    case V_TRUE:
    case V_FALSE:
        return (Scalar){S_BOOL, .number = tag == V_TRUE};
    case V_INT:
        return (Scalar){S_INT, .number = read_signed(&cursor)};
    case V_FLOAT: {
        const uint8_t *bytes = read_bytes(&cursor, 8);
        return bytes != NULL ? (Scalar){S_FLOAT, .real = read_double(bytes)} : (Scalar){S_UNTOLD};
    }
    case V_STR:
        return (Scalar){S_TEXT, .text = read_span(&cursor)};
    case V_OBJECT:
    case V_TUPLE:
    case V_FROZENSET:
    case V_BYTES:
    case V_LABEL:
    case V_NAMED:
    case V_REPR:
        return (Scalar){S_ANY};
    default:
        return (Scalar){S_UNTOLD};
    }
}

/* ---- testing ---- */

static const Scalar untold = {S_UNTOLD}, raises = {S_RAISES};

static bool is_whole(const Scalar *scalar)
{
    return scalar->kind == S_INT || scalar->kind == S_BOOL;
}

static bool is_number(const Scalar *scalar)
{
    return is_whole(scalar) || scalar->kind == S_FLOAT;
}

/* As a float; false where that isn't exactly what it is. */
static bool as_real(const Scalar *scalar, double *real)
{
    if (scalar->kind == S_FLOAT)
        *real = scalar->real;
    else
        *real = (double)scalar->number;
    return scalar->kind == S_FLOAT || (scalar->number <= MOST_EXACT && scalar->number >= -MOST_EXACT);
}

static Scalar truth(bool value)
{
    return (Scalar){S_BOOL, .number = value};
}

static Scalar whole(int64_t value)
{
    return (Scalar){S_INT, .number = value};
}

static Scalar by_order(Operation operation, int order)
{
    switch (operation) {
    case T_EQUAL:
        return truth(order == 0);
    case T_DIFFERENT:
        return truth(order != 0);
    case T_LESS:
        return truth(order < 0);
    case T_AT_MOST:
        return truth(order <= 0);
    case T_GREATER:
        return truth(order > 0);
    default:
        return truth(order >= 0);
    }
}

static Scalar compare_reals(Operation operation, double left, double right)
{
    if (isnan(left) || isnan(right))
        return truth(operation == T_DIFFERENT);
    return by_order(operation, left < right ? -1 : left > right);
}

static Scalar compare(Operation operation, const Scalar *left, const Scalar *right)
{
    if (is_whole(left) && is_whole(right))
        return by_order(operation, left->number < right->number ? -1 : left->number > right->number);
    if (is_number(left) && is_number(right)) {
        double first, second;
        return as_real(left, &first) && as_real(right, &second) ? compare_reals(operation, first, second) : untold;
    }
    if (left->kind == S_TEXT && right->kind == S_TEXT) { /* UTF-8 is in the order of the characters */
        size_t least = left->text.size < right->text.size ? left->text.size : right->text.size;
        int order = least != 0 ? memcmp(left->text.bytes, right->text.bytes, least) : 0;
        return by_order(operation, order != 0 ? order : left->text.size < right->text.size ? -1 : left->text.size > right->text.size);
    }
    if (left->kind == S_ANY || right->kind == S_ANY)
        return untold;
    if (operation == T_EQUAL || operation == T_DIFFERENT)
        return truth((left->kind == right->kind) == (operation == T_EQUAL)); /* both None, or of different types */
    return raises;
}

/* `is` None, True or False. */
static Scalar same(const Scalar *left, const Scalar *right)
{
    return truth(left->kind == right->kind && (left->kind == S_NONE || left->number == right->number));
}

static Scalar compute_whole(Operation operation, int64_t left, int64_t right)
{
    long long result;
    switch (operation) {
    case T_PLUS:
        return __builtin_add_overflow(left, right, &result) ? untold : whole(result);
    case T_MINUS:
        return __builtin_sub_overflow(left, right, &result) ? untold : whole(result);
    case T_TIMES:
        return __builtin_mul_overflow(left, right, &result) ? untold : whole(result);
    default:
        break;
    }
    if (right == 0)
        return raises;
    if (operation == T_DIVIDED) {
        double first, second;
        Scalar both[2] = {whole(left), whole(right)};
        return as_real(&both[0], &first) && as_real(&both[1], &second) ? (Scalar){S_FLOAT, .real = first / second} : untold;
    }
    if (right == -1) /* INT64_MIN has no opposite */
        return operation == T_MODULO ? whole(0) : left == INT64_MIN ? untold : whole(-left);
    int64_t quotient = left / right, rest = left % right;
    bool down = rest != 0 && (rest < 0) != (right < 0);
    return operation == T_MODULO ? whole(down ? rest + right : rest) : whole(down ? quotient - 1 : quotient);
}

static Scalar compute(Operation operation, const Scalar *left, const Scalar *right)
{
    if (is_whole(left) && is_whole(right))
        return compute_whole(operation, left->number, right->number);
    double first, second;
    if (!is_number(left) || !is_number(right) || !as_real(left, &first) || !as_real(right, &second))
        return untold;
    switch (operation) {
    case T_PLUS:
        return (Scalar){S_FLOAT, .real = first + second};
    case T_MINUS:
        return (Scalar){S_FLOAT, .real = first - second};
    case T_TIMES:
        return (Scalar){S_FLOAT, .real = first * second};
    case T_DIVIDED:
        return second == 0 ? raises : (Scalar){S_FLOAT, .real = first / second};
    default:
        return untold;
    }
}

/* Whether it is true: 1 or 0, -1 where that can't be told. */
static int truth_of(const Scalar *scalar)
{
    switch (scalar->kind) {
    case S_NONE:
        return 0;
    case S_BOOL:
    case S_INT:
        return scalar->number != 0;
    case S_FLOAT:
        return scalar->real != 0;
    case S_TEXT:
        return scalar->text.size != 0;
    default:
        return -1;
    }
}

static Scalar result_of(const Tests *tests, uint16_t index, ScalarOf scalar_of, void *context)
{
    const Test *test = &tests->all[index];
    switch (test->operation) {
    case T_COLUMN:
        return scalar_of(context, test->left);
    case T_CONSTANT:
        return test->constant;
    case T_UNKNOWN:
        return untold;
    default:
        break;
    }
    Scalar left = result_of(tests, test->left, scalar_of, context);
    if (left.kind == S_UNTOLD || left.kind == S_RAISES)
        return left;
    int holds = test->operation <= T_NOT ? truth_of(&left) : 0;
    if (holds < 0)
        return untold;
    if (test->operation == T_NOT)
        return truth(!holds);
    if (test->operation == T_NEGATIVE) {
        if (left.kind == S_FLOAT)
            return (Scalar){S_FLOAT, .real = -left.real};
        return is_whole(&left) && left.number != INT64_MIN ? whole(-left.number) : untold;
    }
    if ((test->operation == T_AND && !holds) || (test->operation == T_OR && holds))
        return left;
    Scalar right = result_of(tests, test->right, scalar_of, context);
    if (test->operation == T_AND || test->operation == T_OR || right.kind == S_UNTOLD || right.kind == S_RAISES)
        return right;
    switch (test->operation) {
    case T_IS:
        return same(&left, &right);
    case T_IS_NOT: {
        Scalar is = same(&left, &right);
        return truth(!is.number);
    }
    case T_PLUS:
    case T_MINUS:
    case T_TIMES:
    case T_DIVIDED:
    case T_FLOOR_DIVIDED:
    case T_MODULO:
        return compute((Operation)test->operation, &left, &right);
    default:
        return compare((Operation)test->operation, &left, &right);
    }
}

TestResult result_of_tests(const Tests *tests, ScalarOf scalar_of, void *context)
{
    if (tests->count == 0)
        return T_MAY_HOLD;
    Scalar result = result_of(tests, (uint16_t)(tests->count - 1), scalar_of, context);
    if (result.kind == S_RAISES)
        return T_RAISES;
    return truth_of(&result) == 0 ? T_FALSE : T_MAY_HOLD;
}
