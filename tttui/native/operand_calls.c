/* What calls in a line give, of what they are given. */
#include "recorder.h"

static const char *const by_key[] = {"get", "setdefault", "pop", NULL};
static const char *const taking[] = {"pop", "popleft", "popitem", NULL};
static const char *const choosing[] = {"min", "max", "next", NULL};
static const char *const making[] = {"list", "tuple", "dict", "set", "frozenset", "sorted", "reversed", "zip", "enumerate", "iter",
                                     "range", "deque", "defaultdict", NULL};

static const char *const giving_scalars[] = {"len", "int", "float", "str", "bool", "abs", "round", "isinstance", "issubclass", "ord", "chr",
                                              "id", "hash", "repr", "hex", "bin", "callable", "hasattr", NULL};

/* A call gets values. They are looked for when the line is over: what is no more to be found then may be anything. */
static void note_values_got(Operands *stack, PyCodeObject *code, const Origins *origins, uint32_t lines)
{
    Given *given = &stack->info->given;
    stack->uses->calls++;
    given->slots |= origins->slots;
    given->globals |= origins->globals;
    given->anything |= origins->anything;
    uint64_t slots = origins->slots;
    if (origins->owner != 0) {
        PyObject *name = PyTuple_GET_ITEM(code->co_names, origins->name);
        int i = 0;
        while (i < given->attribute_count && (given->attributes[i].slot != origins->owner - 1 || given->attributes[i].name != name)) {
            i++;
        }
        if (i == (int)(sizeof given->attributes / sizeof *given->attributes)) {
            given->anything = true;
            return;
        }
        given->attributes[i].slot = origins->owner - 1;
        given->attributes[i].name = name;
        given->attribute_count += i == given->attribute_count;
        slots |= 1ULL << (origins->owner - 1);
    }
    given->elsewhere |= (lines & ~stack->bit) != 0;
    for (uint32_t bits = lines & ~stack->bit; bits; bits &= bits - 1) {
        const LineInfo *other = stack->lines[__builtin_ctz(bits)];
        given->anything |= (other->stores[0] & slots) != 0 || other->flags & LINE_SETS_ATTRIBUTE;
    }
}

/* The whole line is known. */
static void settle_given(LineInfo *info, const Uses *uses)
{
    Given *given = &info->given;
    uint64_t owners = 0;
    for (int i = 0; i < given->attribute_count; i++) {
        owners |= 1ULL << given->attributes[i].slot;
    }
    given->anything |= given->lost || uses->calls < info->wild_calls || (info->stores[0] & (given->slots | owners)) != 0 || info->flags & LINE_ALL_NAMES ||
                       (owners != 0 && info->flags & LINE_SETS_ATTRIBUTE) || info->stored_name_count > 0 || info->stored_global_count > 0;
    if (info->wild_calls > 0 && uses->gives_parts && info->flags & (LINE_SETS_ATTRIBUTE | LINE_SETS_ITEM)) {
        info->flags |= LINE_UNLINKS; /* what they got may not be where it was any more */
    }
    if (info->next != NULL) {
        info->next->given.anything = true;
    }
}

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
        stack->info->given.anything = true;
        forget_operands(stack);
        push_operand(stack, anything(stack));
        return;
    }
    Operand *function = &stack->items[callee], *given = &stack->items[callee + 2], result = nothing();
    uint8_t kind = function->key.left.kind, second = stack->items[callee + 1].key.left.kind;
    int index = kind == KEY_METHOD || kind == KEY_FUNCTION || kind == KEY_NAME ? function->key.left.index : stack->items[callee + 1].key.left.index;
    bool named = kind == KEY_METHOD || kind == KEY_FUNCTION || kind == KEY_NAME || second == KEY_FUNCTION || second == KEY_NAME;
    PyObject *name = named ? PyTuple_GET_ITEM(code->co_names, index) : NULL;
    bool is_tame = name != NULL && is_one_of(name, kind == KEY_METHOD ? tame_methods : tame_functions);
    Origins all = {.slots = 0};
    uint32_t lines = 0;
    for (int i = callee; i < stack->depth; i++) {
        join_origins(&all, &stack->items[i].origins);
        lines |= stack->items[i].lines;
        stack->uses->gives_parts |= !is_tame && stack->items[i].links > 0;
        stack->info->given.lost |= !is_tame && stack->items[i].lines & ~stack->bit && stack->items[i].origins.called;
    }
    if (!is_tame) {
        note_values_got(stack, code, &all, lines);
    }
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
        if (!is_tame) {
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
    all.called = true;
    result.origins = kind != KEY_METHOD && name != NULL && is_one_of(name, giving_scalars) ? (Origins){.slots = 0} : all;
    result.key = (KeyPlan){.op = 0};
    stack->depth = callee;
    push_operand(stack, result);
}
