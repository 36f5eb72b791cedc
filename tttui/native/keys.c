/* Which keys and indices a line uses: found in its instructions once, where they are simple enough to be
 * worked out again from the variables afterwards. A line that uses others is marked with that. */
#include "recorder.h"

#include <stdlib.h>

#define MOST_KEY_PLANS 8
#define KEY_STACK 12

/* The expressions on top of the interpreter's stack, as far as they are known; below them anything may be. */
typedef struct {
    KeyPlan items[KEY_STACK];
    int depth;
    int line;
    LineInfo *info;
    uint32_t open;   /* what is to be said of the line where the call of a method by key isn't found: LINE_* */
    bool choosing;   /* a function that chooses an item has been named, and its call wasn't found yet */
    bool chosen;     /* the call was lost: what is on the stack may be such an item                  */
    bool lost_other; /* a container made of others was lost: keys may be those of such a one         */
} KeyStack;

/* Nothing is known of it any more. */
static void forget_stack(KeyStack *stack)
{
    if (stack->open != 0) {
        stack->info->flags |= stack->open;
        if (stack->info->next != NULL) {
            stack->info->next->flags |= stack->open;
        }
        stack->open = 0;
    }
    for (int i = 0; i < stack->depth; i++) {
        stack->lost_other |= stack->items[i].left.kind == KEY_OTHER;
    }
    stack->chosen |= stack->choosing;
    stack->choosing = false;
    stack->depth = 0;
}

static void push_key(KeyStack *stack, KeyPlan key)
{
    if (stack->depth == KEY_STACK && stack->open != 0) {
        forget_stack(stack);
    }
    else if (stack->depth == KEY_STACK) {
        memmove(stack->items, stack->items + 1, (KEY_STACK - 1) * sizeof(KeyPlan));
        stack->depth--;
    }
    stack->items[stack->depth++] = key;
}

static inline void push_part(KeyStack *stack, uint8_t kind, int index)
{
    push_key(stack, (KeyPlan){.left = {kind, index}});
}

static inline void push_unknown(KeyStack *stack) { push_part(stack, KEY_UNKNOWN, 0); }

static inline KeyPlan pop_key(KeyStack *stack)
{
    return stack->depth > 0 ? stack->items[--stack->depth] : (KeyPlan){.left = {KEY_UNKNOWN, 0}};
}

static inline bool is_key(const KeyPlan *key) { return key->left.kind != KEY_UNKNOWN && key->left.kind <= KEY_NUMBER; }

static inline bool is_simple(const KeyPlan *key) { return key->op == 0 && is_key(key); }

static void add_key_plan(LineInfo *info, KeyPlan key, bool known, bool sets)
{
    if (info == NULL) {
        return;
    }
    if (known && is_key(&key) && info->plan_count < MOST_KEY_PLANS) {
        if (info->plans == NULL) {
            info->plans = calloc(MOST_KEY_PLANS, sizeof(KeyPlan));
        }
        if (info->plans != NULL) {
            key.sets = sets;
            info->plans[info->plan_count++] = key;
            return;
        }
    }
    info->flags |= sets ? LINE_MIDDLE : LINE_ODD_KEYS;
}

/* Something is done to an object: to one that was taken out of a container, or chosen among its items, perhaps. */
static void change_object(const KeyStack *stack, const KeyPlan *object, LineInfo *info)
{
    bool chosen = object->left.kind == KEY_CHOSEN || (object->left.kind == KEY_UNKNOWN && stack->chosen);
    uint32_t flags = object->left.kind == KEY_TAKEN ? LINE_TAKES : chosen ? LINE_EACH : 0;
    info->flags |= flags;
    if (info->next != NULL) {
        info->next->flags |= flags;
    }
}

/* What a part of an object counts as: as the object itself, where that was taken or chosen. */
static inline uint8_t part_of_object(const KeyPlan *object)
{
    bool is_kept = object->left.kind == KEY_TAKEN || object->left.kind == KEY_CHOSEN || object->left.kind == KEY_OTHER;
    return is_kept ? object->left.kind : KEY_UNKNOWN;
}

static const char *const by_key[] = {"get", "setdefault", "pop", NULL};
static const char *const taking[] = {"pop", "popleft", "popitem", NULL};
static const char *const choosing[] = {"min", "max", "next", NULL};

/* A call: methods that take or give an item by its key, or any; functions that choose one. */
static void follow_call(KeyStack *stack, LineInfo *info, PyCodeObject *code, int arguments)
{
    uint8_t result = KEY_UNKNOWN;
    int callee = stack->depth - arguments - 2;
    if (callee < 0) {
        forget_stack(stack);
        return;
    }
    KeyPart first = stack->items[callee].left, second = stack->items[callee + 1].left;
    if (first.kind == KEY_METHOD) {
        PyObject *name = PyTuple_GET_ITEM(code->co_names, first.index);
        if (arguments > 0 && is_one_of(name, by_key)) {
            add_key_plan(info, stack->items[callee + 2], true, false);
            add_key_plan(info->next, stack->items[callee + 2], true, false);
        }
        result = is_one_of(name, taking) ? KEY_TAKEN : is_one_of(name, by_key) || !is_one_of(name, tame_methods) ? KEY_UNKNOWN : KEY_OTHER;
    }
    else {
        KeyPart function = first.kind == KEY_FUNCTION || first.kind == KEY_NAME ? first : second;
        if (function.kind == KEY_FUNCTION || function.kind == KEY_NAME) {
            PyObject *name = PyTuple_GET_ITEM(code->co_names, function.index);
            result = is_one_of(name, choosing) ? KEY_CHOSEN : is_one_of(name, tame_functions) ? KEY_OTHER : KEY_UNKNOWN;
        }
    }
    bool within = false; /* the arguments of another call */
    for (int i = 0; i < callee; i++) {
        uint8_t kind = stack->items[i].left.kind;
        within |= kind == KEY_METHOD || kind == KEY_FUNCTION || kind == KEY_NAME;
    }
    stack->open = within ? stack->open : 0;
    stack->choosing &= within;
    stack->depth = callee;
    push_part(stack, result, 0);
}

/* A subscript: the key is on top, what it is a key of below. Where that isn't known a branch may have come between. */
static uint8_t use_key(KeyStack *stack, LineInfo *info, bool sets)
{
    bool known = stack->depth >= 2 && !stack->lost_other;
    KeyPlan key = pop_key(stack), object = pop_key(stack);
    known &= object.left.kind != KEY_OTHER;
    if (sets) {
        change_object(stack, &object, info);
    }
    add_key_plan(info, key, known, sets);
    add_key_plan(info->next, key, known, sets);
    return key.left.kind == KEY_OTHER ? KEY_OTHER : part_of_object(&object);
}

static void combine_keys(KeyStack *stack, uint8_t op)
{
    KeyPlan right = pop_key(stack), left = pop_key(stack);
    if (op != 0 && is_simple(&left) && is_simple(&right)) {
        push_key(stack, (KeyPlan){.left = left.left, .right = right.left, .op = op});
    }
    else if (op != 0 && left.op != 0 && left.op != KEY_NEGATE && left.op2 == 0 && is_simple(&right)) {
        left.third = right.left;
        left.op2 = op;
        push_key(stack, left);
    }
    else {
        push_part(stack, KEY_OTHER, 0);
    }
}

static void push_method(KeyStack *stack, LineInfo *info, PyCodeObject *code, const KeyPlan *owner, int name)
{
    PyObject *text = PyTuple_GET_ITEM(code->co_names, name);
    if (is_one_of(text, tame_methods) && !is_one_of(text, reading_methods)) {
        change_object(stack, owner, info);
    }
    stack->open |= (is_one_of(text, by_key) ? LINE_ODD_KEYS : 0) | (is_one_of(text, taking) ? LINE_TAKES : 0);
    push_part(stack, KEY_METHOD, name);
    push_unknown(stack);
}

/* What an instruction does to the stack; whatever isn't known here empties it. */
static void follow_keys(KeyStack *stack, LineInfo *info, PyCodeObject *code, int line, int op, int arg)
{
    if (stack->line != line) {
        forget_stack(stack);
        stack->line = line;
        stack->chosen = stack->lost_other = false;
    }
    stack->info = info;
    switch (op) {
    case LOAD_FAST:
#ifdef LOAD_FAST_CHECK
    case LOAD_FAST_CHECK:
#endif
#ifdef LOAD_FAST_BORROW
    case LOAD_FAST_BORROW:
#endif
        push_part(stack, KEY_SLOT, arg);
        return;
#ifdef LOAD_FAST_LOAD_FAST
    case LOAD_FAST_LOAD_FAST:
        push_part(stack, KEY_SLOT, arg >> 4);
        push_part(stack, KEY_SLOT, arg & 15);
        return;
#endif
#ifdef LOAD_FAST_BORROW_LOAD_FAST_BORROW
    case LOAD_FAST_BORROW_LOAD_FAST_BORROW:
        push_part(stack, KEY_SLOT, arg >> 4);
        push_part(stack, KEY_SLOT, arg & 15);
        return;
#endif
#ifdef STORE_FAST_LOAD_FAST
    case STORE_FAST_LOAD_FAST:
        pop_key(stack);
        push_part(stack, KEY_SLOT, arg & 15);
        return;
#endif
    case LOAD_NAME:
        stack->choosing |= is_one_of(PyTuple_GET_ITEM(code->co_names, arg), choosing);
        push_part(stack, KEY_NAME, arg);
        return;
    case LOAD_GLOBAL:
        stack->choosing |= is_one_of(PyTuple_GET_ITEM(code->co_names, arg >> 1), choosing);
        if (arg & 1) { /* the NULL stands before it, since 3.13 behind it */
            push_part(stack, KEY_FUNCTION, arg >> 1);
            push_part(stack, KEY_FUNCTION, arg >> 1);
        }
        else {
            push_part(stack, KEY_GLOBAL, arg >> 1);
        }
        return;
    case LOAD_DEREF:
    case PUSH_NULL:
        push_unknown(stack);
        return;
    case LOAD_CONST:
        push_part(stack, PySlice_Check(PyTuple_GET_ITEM(code->co_consts, arg)) ? KEY_OTHER : KEY_CONSTANT, arg);
        return;
#ifdef LOAD_SMALL_INT
    case LOAD_SMALL_INT:
        push_part(stack, KEY_NUMBER, arg);
        return;
#endif
    case LOAD_ATTR: {
        KeyPlan owner = pop_key(stack);
        int name = arg;
#if PY_VERSION_HEX >= 0x030c0000
        name = arg >> 1;
        if (arg & 1) {
            push_method(stack, info, code, &owner, name);
            return;
        }
#endif
        if (is_simple(&owner) && owner.left.kind == KEY_SLOT && owner.left.index < 32768 && name < 65536) {
            push_part(stack, KEY_ATTRIBUTE, owner.left.index << 16 | name);
        }
        else {
            push_part(stack, part_of_object(&owner), 0);
        }
        return;
    }
#ifdef LOAD_METHOD
    case LOAD_METHOD: {
        KeyPlan owner = pop_key(stack);
        push_method(stack, info, code, &owner, arg);
        return;
    }
#endif
#ifdef PRECALL
    case PRECALL:
        return;
#endif
    case CALL:
        follow_call(stack, info, code, arg);
        return;
#ifdef KW_NAMES
    case KW_NAMES:
        return;
#endif
#ifdef CALL_KW
    case CALL_KW:
        pop_key(stack); /* the names */
        follow_call(stack, info, code, arg);
        return;
#endif
    case BUILD_SLICE: /* as a key it makes another container */
        stack->depth = stack->depth > arg ? stack->depth - arg : 0;
        push_part(stack, KEY_OTHER, 0);
        return;
    case MAKE_FUNCTION: { /* what goes with it, up to 3.12 */
        int parts = PY_VERSION_HEX < 0x030d0000 ? 1 + __builtin_popcount((unsigned)arg & 15) : 1;
        stack->depth = stack->depth > parts ? stack->depth - parts : 0;
        push_unknown(stack);
        return;
    }
#ifdef SET_FUNCTION_ATTRIBUTE
    case SET_FUNCTION_ATTRIBUTE:
        pop_key(stack);
        pop_key(stack);
        push_unknown(stack);
        return;
#endif
#ifdef LOAD_CLOSURE
    case LOAD_CLOSURE:
        push_unknown(stack);
        return;
#endif
    case BUILD_LIST:
    case BUILD_TUPLE:
    case BUILD_SET:
        stack->depth = stack->depth > arg ? stack->depth - arg : 0;
        push_part(stack, KEY_OTHER, 0);
        return;
    case BUILD_MAP:
        stack->depth = stack->depth > 2 * arg ? stack->depth - 2 * arg : 0;
        push_part(stack, KEY_OTHER, 0);
        return;
    case LIST_EXTEND:
    case SET_UPDATE:
    case DICT_UPDATE:
    case DICT_MERGE:
        pop_key(stack);
        return;
#ifdef CALL_INTRINSIC_1
    case CALL_INTRINSIC_1:
#endif
#ifdef LIST_TO_TUPLE
    case LIST_TO_TUPLE:
#endif
        pop_key(stack);
        push_part(stack, KEY_OTHER, 0);
        return;
    case CALL_FUNCTION_EX:
        follow_call(stack, info, code, 1 + (PY_VERSION_HEX < 0x030e0000 ? arg & 1 : 1));
        return;
    case STORE_ATTR: {
        KeyPlan owner = pop_key(stack);
        change_object(stack, &owner, info);
        pop_key(stack);
        return;
    }
    case UNARY_NEGATIVE: {
        KeyPlan key = pop_key(stack);
        if (is_simple(&key)) {
            key.op = KEY_NEGATE;
            push_key(stack, key);
        }
        else {
            push_unknown(stack);
        }
        return;
    }
#ifdef BINARY_SUBSCR
    case BINARY_SUBSCR:
        push_part(stack, use_key(stack, info, false), 0);
        return;
#endif
    case BINARY_OP: { /* the numbers are those of Include/opcode.h, in-place ones from 13 on */
        if (arg == 26) {
            push_part(stack, use_key(stack, info, false), 0);
            return;
        }
        static const uint8_t operators[13] = {[0] = KEY_PLUS, [2] = KEY_FLOOR, [5] = KEY_TIMES, [6] = KEY_MODULO, [10] = KEY_MINUS};
        combine_keys(stack, operators[arg % 13]);
        return;
    }
    case STORE_SUBSCR:
        use_key(stack, info, true);
        pop_key(stack);
        return;
    case COPY:
        push_key(stack, arg <= stack->depth ? stack->items[stack->depth - arg] : (KeyPlan){.left = {KEY_UNKNOWN, 0}});
        return;
    case SWAP:
        if (arg <= stack->depth) {
            KeyPlan top = stack->items[stack->depth - 1];
            stack->items[stack->depth - 1] = stack->items[stack->depth - arg];
            stack->items[stack->depth - arg] = top;
        }
        else {
            forget_stack(stack);
        }
        return;
    case STORE_FAST:
    case STORE_NAME:
    case STORE_GLOBAL:
    case STORE_DEREF:
    case POP_TOP:
        pop_key(stack);
        return;
    case NOP:
    case RESUME:
        return;
#ifdef BINARY_SLICE
    case BINARY_SLICE: /* where before there were BUILD_SLICE and a subscript */
        stack->depth = stack->depth > 3 ? stack->depth - 3 : 0;
        push_part(stack, KEY_OTHER, 0);
        return;
#endif
    default:
        forget_stack(stack);
    }
}

static bool is_stored_name(const LineInfo *info, PyObject *name)
{
    for (int i = 0; i < info->stored_name_count; i++) {
        if (info->stored_names[i] == name) {
            return true;
        }
    }
    for (int i = 0; i < info->stored_global_count; i++) {
        if (info->stored_globals[i] == name) {
            return true;
        }
    }
    return false;
}

static bool part_changes(const LineInfo *info, PyCodeObject *code, KeyPart part)
{
    if (part.kind == KEY_SLOT) {
        return part.index >= code->co_nlocalsplus || info->stores[part.index >> 6] >> (part.index & 63) & 1;
    }
    if (part.kind == KEY_ATTRIBUTE) {
        int slot = part.index >> 16;
        return (part.index & 65535) >= PyTuple_GET_SIZE(code->co_names) || info->wild_calls > 0 ||
               info->flags & (LINE_SETS_ATTRIBUTE | LINE_ALL_NAMES) || slot >= code->co_nlocalsplus ||
               info->stores[slot >> 6] >> (slot & 63) & 1;
    }
    if (part.kind == KEY_NAME || part.kind == KEY_GLOBAL) { /* what the line calls may set it */
        return part.index >= PyTuple_GET_SIZE(code->co_names) || info->wild_calls > 0 || info->flags & LINE_ALL_NAMES ||
               is_stored_name(info, PyTuple_GET_ITEM(code->co_names, part.index));
    }
    return false;
}

/* A plan holds where its variables have the same values after the line as in it. */
static void drop_uncertain_plans(LineInfo *info, PyCodeObject *code, bool loops)
{
    uint16_t kept = 0;
    for (uint16_t i = 0; i < info->plan_count; i++) {
        KeyPlan plan = info->plans[i];
        if (loops || part_changes(info, code, plan.left) || (plan.op && part_changes(info, code, plan.right)) ||
            (plan.op2 && part_changes(info, code, plan.third))) {
            info->flags |= plan.sets ? LINE_MIDDLE : LINE_ODD_KEYS;
        }
        else {
            info->plans[kept++] = plan;
        }
    }
    info->plan_count = kept;
}

/* ---- working them out ---- */

/* What a plan comes to: a number, or else an object (borrowed). */
typedef struct {
    bool is_number;
    Py_ssize_t number;
    PyObject *object;
} Key;

static bool key_of_object(PyObject *object, Key *key)
{
    if (object == NULL || (!PyLong_CheckExact(object) && !PyUnicode_CheckExact(object))) {
        return false;
    }
    *key = (Key){false, 0, object};
    if (PyLong_CheckExact(object)) {
        PyLongObject *value = (PyLongObject *)object;
        Py_ssize_t count = int_digit_count(value);
        if (count > 1) {
            return true; /* a key of a dict perhaps, no index */
        }
        key->number = count ? (Py_ssize_t)int_digits(value)[0] : 0;
        key->number = int_is_negative(value) ? -key->number : key->number;
        key->is_number = true;
    }
    return true;
}

/* An attribute that the instance has itself, and of which its class knows nothing (a property, say). */
static PyObject *plain_attribute(PyObject *object, PyObject *name)
{
    if (object == NULL || !(Py_TYPE(object)->tp_flags & Py_TPFLAGS_HEAPTYPE) || PyType_Check(object)) {
        return NULL;
    }
    PyObject *mro = Py_TYPE(object)->tp_mro;
    for (Py_ssize_t i = 0; mro != NULL && i < PyTuple_GET_SIZE(mro); i++) {
        PyTypeObject *base = (PyTypeObject *)PyTuple_GET_ITEM(mro, i);
        PyObject *dict = type_dict(base), *found = dict != NULL ? dict_find(dict, name) : NULL;
        if (found != NULL && Py_TYPE(found) != &PyMemberDescr_Type) {
            return NULL;
        }
    }
    return find_attribute(object, type_info(Py_TYPE(object)), name);
}

static bool key_of_part(const Shadow *shadow, KeyPart part, Key *key)
{
    PyCodeObject *code = shadow->code_object;
    PyObject *globals = frame_globals(shadow->frame);
    if (shadow->recorded_calls > 0 && (part.kind == KEY_NAME || part.kind == KEY_GLOBAL || part.kind == KEY_ATTRIBUTE)) {
        return false; /* what was called may have set it */
    }
    switch (part.kind) {
    case KEY_ATTRIBUTE:
        return key_of_object(plain_attribute(frame_slot(shadow->frame, part.index >> 16),
                                             PyTuple_GET_ITEM(code->co_names, part.index & 65535)), key);
    case KEY_SLOT:
        return key_of_object(frame_slot(shadow->frame, part.index), key);
    case KEY_NAME: {
        PyObject *name = PyTuple_GET_ITEM(code->co_names, part.index);
        PyObject *space = shadow->namespace_entry != NULL ? shadow->namespace_entry->object : NULL;
        PyObject *found = space != NULL ? dict_find(space, name) : NULL;
        if (found == NULL && PyDict_CheckExact(globals)) {
            found = dict_find(globals, name);
        }
        return key_of_object(found, key);
    }
    case KEY_GLOBAL:
        return PyDict_CheckExact(globals) && key_of_object(dict_find(globals, PyTuple_GET_ITEM(code->co_names, part.index)), key);
    case KEY_CONSTANT:
        return part.index < PyTuple_GET_SIZE(code->co_consts) && key_of_object(PyTuple_GET_ITEM(code->co_consts, part.index), key);
    case KEY_NUMBER:
        *key = (Key){true, part.index, NULL};
        return true;
    default:
        return false;
    }
}

/* The numbers are of at most 30 bits, so products of two of them fit; false where it can't be told. */
static bool operate(Key *key, uint8_t op, const Shadow *shadow, KeyPart part)
{
    Key right;
    Py_ssize_t bound = (Py_ssize_t)1 << 31;
    if (!key->is_number || key->number >= bound || key->number <= -bound) {
        return false;
    }
    key->object = NULL;
    if (op == KEY_NEGATE) {
        key->number = -key->number;
        return true;
    }
    if (!key_of_part(shadow, part, &right) || !right.is_number || ((op == KEY_FLOOR || op == KEY_MODULO) && right.number == 0)) {
        return false;
    }
    Py_ssize_t number = key->number, quotient;
    switch (op) {
    case KEY_PLUS:
        key->number = number + right.number;
        return true;
    case KEY_MINUS:
        key->number = number - right.number;
        return true;
    case KEY_TIMES:
        key->number = number * right.number;
        return true;
    default: /* they round down */
        quotient = number / right.number;
        quotient -= number % right.number != 0 && (number < 0) != (right.number < 0);
        key->number = op == KEY_FLOOR ? quotient : number - quotient * right.number;
        return true;
    }
}

/* False where it can't be told. */
static bool find_key(const Shadow *shadow, const KeyPlan *plan, Key *key)
{
    return shadow != NULL && key_of_part(shadow, plan->left, key) && (plan->op == 0 || operate(key, plan->op, shadow, plan->right)) &&
           (plan->op2 == 0 || operate(key, plan->op2, shadow, plan->third));
}

/* The place of a key in a dict's table; -1: it isn't there. */
static Py_ssize_t place_of_key(PyDictObject *dict, const Key *key)
{
    if (key->object != NULL) {
        return dict_place(dict, key->object);
    }
    PyObject *number = PyLong_FromSsize_t(key->number);
    if (number == NULL) {
        PyErr_Clear();
        return -1;
    }
    Py_ssize_t place = dict_place(dict, number);
    Py_DECREF(number);
    return place;
}

static bool index_of_key(const Key *key, Py_ssize_t length, Py_ssize_t *index)
{
    *index = key->number < 0 ? key->number + length : key->number;
    return key->is_number && *index >= 0 && *index < length;
}
