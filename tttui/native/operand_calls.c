/* What calls in a line give, of what they are given. */
#include "recorder.h"

static const char *const by_key[] = {"get", "setdefault", "pop", NULL};
static const char *const taking[] = {"pop", "popleft", "popitem", NULL};
static const char *const choosing[] = {"min", "max", "next", NULL};
static const char *const making[] = {"list", "tuple", "dict", "set", "frozenset", "sorted", "reversed", "zip", "enumerate", "iter",
                                     "range", "deque", "defaultdict", NULL};

static void push_method(Operands *stack, PyCodeObject *code, const Operand *owner, int name, int words)
{
    PyObject *text = PyTuple_GET_ITEM(code->co_names, name);
    bool changes = false;
    if (is_one_of(text, tame_methods) && !is_one_of(text, reading_methods)) {
        change_object(stack, owner, words);
        changes = owner->links > 0 || owner->root == NO_ROOT || owner->root >= CELL_ROOT(0);
    }
    Operand method = *owner;
    method.mutates = changes;
    method.key = (KeyPlan){.left = {KEY_METHOD, name}};
    push_operand(stack, method);
    push_operand(stack, nothing());
}

/* Methods that give or take an item by its key, or any; functions that make a container of others' items, or choose one;
 * all else is looked at itself as a result of the line. */
static void follow_call(Operands *stack, PyCodeObject *code, int arguments, bool all_apart)
{
    int callee = stack->depth - arguments - 2;
    if (callee < 0) {
        forget_operands(stack);
        push_operand(stack, anything(stack));
        return;
    }
    Operand *function = &stack->items[callee], *given = &stack->items[callee + 2], result = nothing();
    uint8_t kind = function->key.left.kind, second = stack->items[callee + 1].key.left.kind;
    int index = kind == KEY_METHOD || kind == KEY_FUNCTION || kind == KEY_NAME ? function->key.left.index : stack->items[callee + 1].key.left.index;
    bool named = kind == KEY_METHOD || kind == KEY_FUNCTION || kind == KEY_NAME || second == KEY_FUNCTION || second == KEY_NAME;
    PyObject *name = named ? PyTuple_GET_ITEM(code->co_names, index) : NULL;
    if (kind == KEY_METHOD && is_one_of(name, taking)) {
        if (arguments > 0) {
            is_planned(stack, &given[0]);
        }
        result.itself = result.parts = LINE_STRAYS | LINE_RESULTS;
    }
    else if (kind == KEY_METHOD && arguments > 0 && all_apart && is_one_of(name, by_key)) {
        result = item_of(stack, function, &given[0]);
        uint32_t other = arguments > 1 ? given[1].itself | given[1].parts : 0;
        result.itself |= LINE_RESULTS | (arguments > 1 ? given[1].itself : 0);
        result.parts |= LINE_RESULTS | other;
        if (arguments > 1) {
            result.lines |= given[1].lines;
            need_root(stack->uses, stack->info, (Need){given[1].root, given[1].stores, false, given[1].otherwise | given[1].otherwise_parts});
        }
    }
    else {
        for (int i = 0; i < arguments; i++) {
            take_in(stack, &result, &given[i]);
        }
        if (kind == KEY_METHOD) {
            take_in(stack, &result, function);
        }
        if (!(name != NULL && is_one_of(name, kind == KEY_METHOD ? tame_methods : tame_functions))) {
            for (int i = 0; i < callee; i++) { /* those are yet to be used */
                stack->uses->meanwhile |= stack->items[i].mutates;
                stack->items[i].meanwhile = true;
            }
        }
        bool makes = (kind == KEY_METHOD && is_one_of(name, tame_methods)) || (name != NULL && kind != KEY_METHOD && is_one_of(name, making));
        bool chooses = name != NULL && kind != KEY_METHOD && (is_one_of(name, tame_functions) || is_one_of(name, choosing));
        result.itself = (makes || !chooses ? 0 : result.itself) | LINE_RESULTS;
        result.parts |= LINE_RESULTS;
    }
    result.lines |= stack->bit;
    result.key = (KeyPlan){.op = 0};
    stack->depth = callee;
    push_operand(stack, result);
}
