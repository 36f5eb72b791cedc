/* Lines that are over at once: arithmetic on small numbers in variables, and nothing else. They change no objects, and behind
 * them no clock is asked, which takes as long as a seventh of all that an event does. */
#include "recorder.h"

#define TIME_AT_LEAST 4 /* of so many events one asks it all the same: the program itself may have had to wait */

/* Just behind the beginning of a call: nothing of the program runs between that and its first line. */
static uint64_t call_begun;

/* What operators make of such is there at once. */
static inline bool is_small(PyObject *value)
{
    PyTypeObject *type = Py_TYPE(value);
    return type == &PyLong_Type ? int_digit_count((PyLongObject *)value) <= 1
                                : type == &PyFloat_Type || type == &PyBool_Type || value == Py_None;
}

static inline void note_small(Shadow *shadow, int index, bool small)
{
    if (LIKELY(index < 64 && index < shadow->code->cells_from)) {
        shadow->small = (shadow->small & ~(1ULL << index)) | (uint64_t)small << index;
    }
}

static inline bool is_brief(const Shadow *shadow, const LineInfo *line)
{
    return line->flags & LINE_BRIEF && R.events == shadow->began + 1 && ((line->loads[0] | line->stores[0]) & ~shadow->small) == 0;
}

/* All operators but those that make large numbers of small ones: powers and shifts to the left. */
static bool is_brief_operator(int number)
{
    enum { LEFT_SHIFT = 3, POWER = 8, FIRST_IN_PLACE = 13, SUBSCRIPT = 26 }; /* NB_* of opcode.h */
    int plain = number >= FIRST_IN_PLACE ? number - FIRST_IN_PLACE : number;
    return number < SUBSCRIPT && plain != LEFT_SHIFT && plain != POWER;
}

/* Whether an instruction takes no time where all variables that it reads and binds are small numbers. */
static bool is_brief_instruction(PyCodeObject *code, int op, int arg)
{
    switch (op) {
    case LOAD_CONST:
#ifdef RETURN_CONST
    case RETURN_CONST:
#endif
        return arg < PyTuple_GET_SIZE(code->co_consts) && is_small(PyTuple_GET_ITEM(code->co_consts, arg));
    case BINARY_OP:
        return is_brief_operator(arg);
    case LOAD_FAST:
    case STORE_FAST:
#ifdef LOAD_SMALL_INT
    case LOAD_SMALL_INT:
#endif
#ifdef LOAD_FAST_CHECK
    case LOAD_FAST_CHECK:
#endif
#ifdef LOAD_FAST_LOAD_FAST
    case LOAD_FAST_LOAD_FAST:
    case STORE_FAST_LOAD_FAST:
    case STORE_FAST_STORE_FAST:
#endif
#ifdef LOAD_FAST_BORROW
    case LOAD_FAST_BORROW:
    case LOAD_FAST_BORROW_LOAD_FAST_BORROW:
#endif
    case COMPARE_OP:
    case IS_OP:
    case UNARY_NEGATIVE:
    case UNARY_NOT:
    case UNARY_INVERT:
#ifdef UNARY_POSITIVE
    case UNARY_POSITIVE:
#endif
#ifdef TO_BOOL
    case TO_BOOL:
#endif
    case COPY:
    case SWAP:
    case POP_TOP:
    case NOP:
#ifdef NOT_TAKEN
    case NOT_TAKEN:
#endif
    case JUMP_FORWARD:
    case JUMP_BACKWARD:
    case RETURN_VALUE:
    case YIELD_VALUE:
        return true;
    default:
        return branches_forward(op) || branches_back(op);
    }
}
