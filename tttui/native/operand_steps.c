/* What each instruction of a line does to the operands, and what the whole line comes to. */
#include "recorder.h"

static void begin_line_of_operands(Operands *stack, int line, LineInfo *info, Uses *uses)
{
    stack->info = info;
    stack->uses = uses;
    if (stack->line == line) {
        return;
    }
    stack->line = line;
    stack->stored_count = 0;
    stack->changed = false;
    bool within = false; /* a statement */
    for (int i = 0; i < stack->depth; i++) {
        within |= !stack->items[i].remains;
    }
    if (within && stack->line_count == MOST_LINES) {
        forget_operands(stack);
        within = false;
    }
    if (!within) {
        stack->line_count = 0;
        for (int i = 0; i < stack->depth; i++) {
            stack->items[i].lines = 0;
        }
    }
    int number = 0;
    while (number < stack->line_count && stack->lines[number] != info) {
        number++;
    }
    stack->lines[number] = info;
    stack->line_count += number == stack->line_count;
    stack->bit = 1u << number;
}

static void replace_operands(Operands *stack, int taken, int given)
{
    while (taken-- > 0) {
        pop_operand(stack);
    }
    while (given-- > 0) {
        push_operand(stack, nothing());
    }
}

static void unpack(Operands *stack, int count)
{
    Operand whole = pop_operand(stack), part = part_of(&whole, false);
    while (count-- > 0) {
        push_operand(stack, part);
    }
}

static bool is_generator_expression(PyCodeObject *code)
{
    return code->co_flags & CO_GENERATOR && code->co_nlocalsplus > 0 &&
           PyUnicode_CompareWithASCIIString(PyTuple_GET_ITEM(code->co_localsplusnames, 0), ".0") == 0;
}

/* Whether it may call code of the program's for what is taken for a part of an object. */
static inline bool gives_a_part(int op)
{
    switch (op) {
    case LOAD_ATTR:
    case BINARY_OP:
#ifdef LOAD_METHOD
    case LOAD_METHOD:
#endif
#ifdef BINARY_SUBSCR
    case BINARY_SUBSCR:
#endif
#ifdef BINARY_SLICE
    case BINARY_SLICE:
#endif
#ifdef LOAD_SUPER_ATTR
    case LOAD_SUPER_ATTR:
#endif
        return true;
    default:
        return false;
    }
}

/* What an instruction does to the stack, and to objects; whatever isn't known here empties it. */
static void follow_instruction(Operands *stack, PyCodeObject *code, int words, int op, int arg)
{
    switch (op) {
    case LOAD_FAST:
#ifdef LOAD_FAST_CHECK
    case LOAD_FAST_CHECK:
#endif
#ifdef LOAD_FAST_BORROW
    case LOAD_FAST_BORROW:
#endif
        load_variable(stack, (KeyPart){KEY_SLOT, arg}, arg);
        return;
#ifdef LOAD_FAST_LOAD_FAST
    case LOAD_FAST_LOAD_FAST:
        load_variable(stack, (KeyPart){KEY_SLOT, arg >> 4}, arg >> 4);
        load_variable(stack, (KeyPart){KEY_SLOT, arg & 15}, arg & 15);
        return;
#endif
#ifdef LOAD_FAST_BORROW_LOAD_FAST_BORROW
    case LOAD_FAST_BORROW_LOAD_FAST_BORROW:
        load_variable(stack, (KeyPart){KEY_SLOT, arg >> 4}, arg >> 4);
        load_variable(stack, (KeyPart){KEY_SLOT, arg & 15}, arg & 15);
        return;
#endif
#ifdef STORE_FAST_LOAD_FAST
    case STORE_FAST_LOAD_FAST:
        store_variable(stack, arg >> 4);
        load_variable(stack, (KeyPart){KEY_SLOT, arg & 15}, arg & 15);
        return;
#endif
#ifdef STORE_FAST_STORE_FAST
    case STORE_FAST_STORE_FAST:
        store_variable(stack, arg >> 4);
        store_variable(stack, arg & 15);
        return;
#endif
#ifdef LOAD_FAST_AND_CLEAR
    case LOAD_FAST_AND_CLEAR: /* a comprehension's variable, which has its old value again afterwards */
        push_operand(stack, anything(stack));
        return;
#endif
    case STORE_FAST:
        store_variable(stack, arg);
        return;
    case DELETE_FAST:
        push_operand(stack, nothing());
        store_variable(stack, arg);
        return;
    case LOAD_DEREF:
        load_variable(stack, (KeyPart){KEY_UNKNOWN, 0}, CELL_ROOT(arg));
        return;
    case STORE_DEREF:
        store_variable(stack, CELL_ROOT(arg));
        return;
    case DELETE_DEREF:
        push_operand(stack, nothing());
        store_variable(stack, CELL_ROOT(arg));
        return;
    case LOAD_NAME:
        load_variable(stack, (KeyPart){KEY_NAME, arg}, NAME_ROOT(arg));
        return;
    case STORE_NAME:
    case STORE_GLOBAL:
        store_variable(stack, NAME_ROOT(arg));
        return;
    case DELETE_NAME:
    case DELETE_GLOBAL:
        push_operand(stack, nothing());
        store_variable(stack, NAME_ROOT(arg));
        return;
    case LOAD_GLOBAL:
        if (arg & 1) { /* the NULL stands before it, since 3.13 behind it */
            for (int i = 0; i < 2; i++) {
                push_key(stack, KEY_FUNCTION, arg >> 1);
                stack->items[stack->depth - 1].origins.globals = true;
            }
        }
        else {
            load_variable(stack, (KeyPart){KEY_GLOBAL, arg >> 1}, NAME_ROOT(arg >> 1));
        }
        return;
    case PUSH_NULL:
        push_operand(stack, nothing());
        return;
    case LOAD_CONST:
        push_key(stack, PySlice_Check(PyTuple_GET_ITEM(code->co_consts, arg)) ? KEY_BOUNDS : KEY_CONSTANT, arg);
        return;
#ifdef LOAD_SMALL_INT
    case LOAD_SMALL_INT:
        push_key(stack, KEY_NUMBER, arg);
        return;
#endif
#ifdef LOAD_COMMON_CONSTANT
    case LOAD_COMMON_CONSTANT: /* a function, an exception, None, "", and from 3.15 on also True, False and -1 */
        if (arg >= 9 && arg <= 11) {
            push_key(stack, KEY_NUMBER, arg == 9 ? 1 : arg == 10 ? 0 : -1);
        }
        else {
            push_operand(stack, nothing());
        }
        return;
#endif
    case LOAD_ATTR: {
        Operand owner = pop_operand(stack);
        int name = arg;
#if PY_VERSION_HEX >= 0x030c0000
        name = arg >> 1;
        if (arg & 1) {
            push_method(stack, code, &owner, name, words);
            return;
        }
#endif
        PyObject *text = PyTuple_GET_ITEM(code->co_names, name);
        if (is_one_of(text, tame_methods) && !is_one_of(text, reading_methods)) { /* to be called elsewhere */
            change_object(stack, &owner, words);
        }
        Operand attribute = part_of(&owner, true);
        if (owner.links == 0 && owner.root >= 0 && owner.root < 64 && owner.origins.slots == 1ULL << owner.root && owner.origins.owner == 0) {
            attribute.origins.slots = 0;
            attribute.origins.owner = owner.root + 1;
            attribute.origins.name = name;
        }
        if (PyUnicode_CompareWithASCIIString(text, "__dict__") == 0) {
            attribute.parts = ANYTHING; /* names that the line doesn't tell */
        }
        if (is_simple(&owner.key) && owner.key.left.kind == KEY_SLOT && owner.key.left.index < 32768 && name < 65536) {
            attribute.key.left = (KeyPart){KEY_ATTRIBUTE, owner.key.left.index << 16 | name};
        }
        push_operand(stack, attribute);
        return;
    }
#ifdef LOAD_METHOD
    case LOAD_METHOD: {
        Operand owner = pop_operand(stack);
        push_method(stack, code, &owner, arg, words);
        return;
    }
#endif
    case CALL:
        follow_call(stack, code, arg, true);
        return;
#ifdef CALL_KW
    case CALL_KW:
        pop_operand(stack); /* the names */
        follow_call(stack, code, arg, false);
        return;
#endif
    case CALL_FUNCTION_EX:
        follow_call(stack, code, 1 + (PY_VERSION_HEX < 0x030e0000 ? arg & 1 : 1), false);
        return;
    case MAKE_FUNCTION: /* what goes with it, up to 3.12 */
        build(stack, PY_VERSION_HEX < 0x030d0000 ? 1 + __builtin_popcount((unsigned)arg & 15) : 1);
        return;
#ifdef SET_FUNCTION_ATTRIBUTE
    case SET_FUNCTION_ATTRIBUTE:
        build(stack, 2);
        return;
#endif
#ifdef LOAD_CLOSURE
    case LOAD_CLOSURE:
        load_variable(stack, (KeyPart){KEY_UNKNOWN, 0}, CELL_ROOT(arg));
        return;
#endif
    case BUILD_LIST:
    case BUILD_TUPLE:
    case BUILD_SET:
    case BUILD_STRING:
        build(stack, arg);
        return;
    case BUILD_SLICE:
        build_slice(stack, arg);
        return;
    case BUILD_MAP:
        build(stack, 2 * arg);
        return;
#ifdef BUILD_CONST_KEY_MAP
    case BUILD_CONST_KEY_MAP:
        build(stack, arg + 1);
        return;
#endif
    case LIST_APPEND:
    case SET_ADD:
        put_into(stack, arg, 1);
        return;
    case MAP_ADD:
        put_into(stack, arg, 2);
        return;
    case LIST_EXTEND:
    case SET_UPDATE:
    case DICT_UPDATE:
    case DICT_MERGE:
        put_into(stack, arg, 1);
        return;
#ifdef CALL_INTRINSIC_1
    case CALL_INTRINSIC_1:
#endif
#ifdef LIST_TO_TUPLE
    case LIST_TO_TUPLE:
#endif
        build(stack, 1);
        return;
    case UNPACK_SEQUENCE:
        unpack(stack, arg);
        return;
    case UNPACK_EX:
        unpack(stack, (arg & 255) + 1 + (arg >> 8));
        return;
    case GET_ITER:
        build(stack, 1);
        stack->items[stack->depth - 1].remains = true;
        return;
    case FOR_ITER: {
        Operand iterator = pop_operand(stack), item = part_of(&iterator, false);
        push_operand(stack, iterator);
        push_operand(stack, item);
        return;
    }
    case STORE_ATTR: {
        Operand owner = pop_operand(stack), value = pop_operand(stack);
        int changes = stack->uses->changes;
        change_object(stack, &owner, words);
        stack->uses->changes = (uint8_t)(value.updated ? changes : stack->uses->changes);
        return;
    }
    case DELETE_ATTR: {
        Operand owner = pop_operand(stack);
        change_object(stack, &owner, words);
        return;
    }
    case UNARY_NEGATIVE: {
        Operand operand = pop_operand(stack), result = nothing();
        result.itself = result.parts = LINE_EACH | LINE_RESULTS;
        result.lines = operand.lines;
        result.origins = operand.origins;
        if (is_simple(&operand.key)) {
            result.key = operand.key;
            result.key.op = KEY_NEGATE;
        }
        push_operand(stack, result);
        return;
    }
#ifdef BINARY_SUBSCR
    case BINARY_SUBSCR: {
        Operand key = pop_operand(stack), object = pop_operand(stack);
        push_operand(stack, item_of(stack, &object, &key));
        return;
    }
#endif
    case BINARY_OP: { /* the numbers are those of Include/opcode.h, in-place ones from 13 on */
        Operand right = pop_operand(stack), left = pop_operand(stack);
        if (arg == 26) {
            push_operand(stack, item_of(stack, &left, &right));
        }
        else if (arg >= 13) {
            Operand updated = left;
            if (left.links == 0 && left.root != NO_ROOT && left.itself == 0) {
                stack->uses->changes += stack->uses->changes < 255; /* the variable has it afterwards as well */
            }
            else {
                change_object(stack, &left, words);
            }
            updated.key = (KeyPlan){.op = 0};
            updated.updated = true;
            join_origins(&updated.origins, &right.origins);
            push_operand(stack, updated);
        }
        else {
            static const uint8_t operators[13] = {[0] = KEY_PLUS, [2] = KEY_FLOOR, [5] = KEY_TIMES, [6] = KEY_MODULO, [10] = KEY_MINUS};
            combine_keys(stack, operators[arg], &left, &right);
        }
        return;
    }
    case STORE_SUBSCR:
        set_item(stack, false, words);
        return;
    case DELETE_SUBSCR:
        set_item(stack, true, words);
        return;
#ifdef BINARY_SLICE
    case BINARY_SLICE: {
        build_slice(stack, 2);
        Operand bounds = pop_operand(stack), object = pop_operand(stack), slice = item_of(stack, &object, &bounds);
        slice.itself = object.parts & ~(uint32_t)LINE_EACH; /* another container; it may have been made by a class of the program's */
        push_operand(stack, slice);
        return;
    }
    case STORE_SLICE: {
        replace_operands(stack, 2, 0);
        Operand object = pop_operand(stack);
        pop_operand(stack);
        change_object(stack, &object, words);
        return;
    }
#endif
    case COPY:
        push_operand(stack, arg <= stack->depth ? stack->items[stack->depth - arg] : anything(stack));
        return;
    case SWAP:
        if (arg <= stack->depth) {
            Operand top = stack->items[stack->depth - 1];
            stack->items[stack->depth - 1] = stack->items[stack->depth - arg];
            stack->items[stack->depth - arg] = top;
        }
        else {
            forget_operands(stack);
        }
        return;
    case POP_TOP:
        pop_operand(stack);
        return;
    case COMPARE_OP:
    case CONTAINS_OP:
    case IS_OP:
        replace_operands(stack, 2, 1);
        return;
    case UNARY_NOT:
#ifdef TO_BOOL
    case TO_BOOL:
#endif
#ifdef FORMAT_SIMPLE
    case FORMAT_SIMPLE:
    case CONVERT_VALUE:
#endif
        replace_operands(stack, 1, 1);
        return;
#ifdef FORMAT_WITH_SPEC
    case FORMAT_WITH_SPEC:
        replace_operands(stack, 2, 1);
        return;
#endif
#ifdef FORMAT_VALUE
    case FORMAT_VALUE:
        replace_operands(stack, arg & 4 ? 2 : 1, 1);
        return;
#endif
    case NOP:
    case RESUME:
    case MAKE_CELL:
    case COPY_FREE_VARS:
#ifdef PRECALL
    case PRECALL:
#endif
#ifdef KW_NAMES
    case KW_NAMES:
#endif
#ifdef NOT_TAKEN
    case NOT_TAKEN:
#endif
        return;
#ifdef GET_LEN
    case GET_LEN:
    case MATCH_MAPPING:
    case MATCH_SEQUENCE:
        push_operand(stack, nothing());
        return;
    case MATCH_KEYS: {
        Operand keys = pop_operand(stack), subject = pop_operand(stack), values = part_of(&subject, false);
        push_operand(stack, subject);
        push_operand(stack, keys);
        push_operand(stack, values);
        return;
    }
#endif
    case YIELD_VALUE:
        stack->changed = false;
        replace_operands(stack, 1, 0);
        push_operand(stack, anything(stack));
        return;
    case JUMP_BACKWARD:
        if (PY_VERSION_HEX >= 0x030c0000 && stack->changed && is_generator_expression(code)) {
            stack->info->flags |= LINE_STRAYS; /* the next round has another item, of what only an iterator leads to */
        }
        stack->unreachable = true;
        return;
    case JUMP_FORWARD:
    case JUMP_BACKWARD_NO_INTERRUPT:
    case RETURN_VALUE:
#ifdef RETURN_CONST
    case RETURN_CONST:
#endif
    case RAISE_VARARGS:
    case RERAISE:
        stack->unreachable = true;
        return;
    default:
        if (branches_forward(op) || branches_back(op)) {
            pop_operand(stack);
        }
        else {
            forget_operands(stack);
        }
    }
}

/* ---- the whole line ---- */

static bool stays(const Uses *uses, const Need *need, bool loops, int cells_from)
{
    uint8_t stores = stores_of(uses, need->root);
    bool plain = need->root < cells_from; /* what one held before is known */
    return stores == 0 ? !uses->crowded : !loops && !uses->crowded && (need->stores == stores || (need->stores == 0 && plain));
}

/* What the line changes by a variable that has another value by then may be anything. */
static void settle_uses(LineInfo *info, const Uses *uses, bool loops, int cells_from)
{
    for (int always = 1; always >= 0; always--) {
        for (int i = 0; i < uses->need_count; i++) {
            const Need *need = &uses->needs[i];
            if ((need->always || info->flags & (LINE_EACH | LINE_RESULTS)) && need->always == (bool)always && !stays(uses, need, loops, cells_from)) {
                info->flags |= need->otherwise;
            }
        }
    }
    info->flags |= uses->crowded && info->flags & (LINE_EACH | LINE_RESULTS) ? LINE_STRAYS : 0;
    info->flags |= uses->behind ? LINE_BEHIND : 0;
    info->flags |= (uses->changes > 1 && uses->behind) || uses->meanwhile ? LINE_UNLINKS : 0;
}
