/* Where what a line changes comes from. Of most of it a line tells how it is found again when it is over: a variable, or
 * what one leads to by attributes and by keys that can be worked out again. What else it changes, one of many items or
 * something that it has taken out of a container, is a reason to look at more, or to say that it isn't known. */
#include "recorder.h"

#define MOST_OPERANDS 24
#define MOST_LINES 32
#define MOST_NEEDS 8
/* Variables: slots as they are, cells and names so that they differ from those. */
#define NO_ROOT (-1)
#define CELL_ROOT(slot) ((slot) | 1 << 24)
#define NAME_ROOT(name) ((name) | 1 << 25)
/* What can be anything. */
#define ANYTHING (LINE_EACH | LINE_STRAYS | LINE_RESULTS)

/* What stands on the interpreter's stack. */
typedef struct {
    KeyPlan key;        /* what it is as a key                                                   */
    uint32_t itself;    /* LINE_*: what is to be said of a line that changes it,                 */
    uint32_t parts;     /* or what it holds                                                      */
    int root;           /* the variable that leads to it                                         */
    uint8_t stores;     /* how often the line had stored that by then                            */
    uint32_t otherwise, otherwise_parts; /* the same as above, where the variable has another value when the line is over */
    uint32_t lines;     /* bit set over the lines of the statement: those that lead to it        */
    uint8_t links;      /* how far it is from the variable                                       */
    bool remains;       /* while a loop or a block runs                                          */
    bool updated;       /* it is what an in-place operator gave                                  */
    bool meanwhile;     /* something was called that may have changed the way to it              */
    bool mutates;       /* a method that changes its object                                      */
} Operand;

/* A variable that what a line changes is found by, so that it should have the same value when the line is over. */
typedef struct {
    int root;
    uint8_t stores;
    bool always;        /* not only where the line changes what it can't tell                    */
    uint32_t otherwise;
} Need;

/* What a line does to variables and objects. */
typedef struct {
    Need needs[MOST_NEEDS];
    struct { int root; uint8_t count; } stored[MOST_NEEDS];
    uint8_t need_count, stored_count;
    bool crowded;       /* there were more                                                       */
    uint8_t changes;    /* of objects                                                            */
    bool behind;        /* one of them is of an object that no variable holds itself             */
    bool meanwhile;     /* something was called between the finding and the changing of one      */
} Uses;

typedef struct {
    Operand items[MOST_OPERANDS];
    int depth;          /* below them anything may be                                            */
    bool unreachable;   /* but by jumps                                                          */
    bool changed;       /* something, and no event has come since                                */
    int line;
    LineInfo *info;
    Uses *uses;
    LineInfo *lines[MOST_LINES]; /* of the statement                                             */
    int line_count;
    uint32_t bit;       /* of the line, among them                                               */
    struct { int root; Operand value; } stored[MOST_NEEDS]; /* by this line so far               */
    int stored_count;
} Operands;

static void forget_operands(Operands *stack)
{
    for (int i = 0; i < stack->depth; i++) { /* what is called before those methods isn't known */
        stack->uses->meanwhile |= stack->items[i].mutates;
    }
    stack->depth = 0;
}

/* Nothing is known of a value, or nothing needs to be. */
static inline Operand anything(const Operands *stack)
{
    return (Operand){.root = NO_ROOT, .itself = ANYTHING, .parts = ANYTHING, .lines = stack->bit};
}

static inline Operand nothing(void) { return (Operand){.root = NO_ROOT}; }

static void push_operand(Operands *stack, Operand operand)
{
    if (stack->depth == MOST_OPERANDS) {
        memmove(stack->items, stack->items + 1, (MOST_OPERANDS - 1) * sizeof(Operand));
        stack->depth--;
    }
    stack->items[stack->depth++] = operand;
}

static inline Operand pop_operand(Operands *stack) { return stack->depth > 0 ? stack->items[--stack->depth] : anything(stack); }

static inline void push_key(Operands *stack, uint8_t kind, int index)
{
    Operand operand = nothing();
    operand.key.left = (KeyPart){kind, index};
    push_operand(stack, operand);
}

/* ---- variables ---- */

static uint8_t stores_of(const Uses *uses, int root)
{
    for (int i = 0; i < uses->stored_count; i++) {
        if (uses->stored[i].root == root) {
            return uses->stored[i].count;
        }
    }
    return 0;
}

static void need_root(Uses *uses, LineInfo *info, Need need)
{
    if (need.root == NO_ROOT) {
        return;
    }
    for (int i = 0; i < uses->need_count; i++) {
        const Need *known = &uses->needs[i];
        if (known->root == need.root && known->stores == need.stores && known->always == need.always && known->otherwise == need.otherwise) {
            return;
        }
    }
    if (uses->need_count < MOST_NEEDS) {
        uses->needs[uses->need_count++] = need;
    }
    else if (need.always) {
        info->flags |= ANYTHING;
    }
    else {
        uses->crowded = true;
    }
}

static void load_variable(Operands *stack, KeyPart key, int root)
{
    Operand operand = {.key.left = key, .root = root, .otherwise = ANYTHING, .otherwise_parts = ANYTHING, .lines = stack->bit,
                       .stores = stores_of(stack->uses, root)};
    for (int i = 0; i < stack->stored_count; i++) {
        if (stack->stored[i].root == root) {
            const Operand *value = &stack->stored[i].value;
            operand.otherwise = value->itself | (value->root != NO_ROOT ? LINE_EACH : 0);
            operand.otherwise_parts = value->parts | (value->root != NO_ROOT ? LINE_EACH : 0);
            operand.lines |= value->lines;
            need_root(stack->uses, stack->info, (Need){value->root, value->stores, false, ANYTHING});
        }
    }
    operand.links = (root & CELL_ROOT(0)) != 0;
    push_operand(stack, operand);
}

static void store_variable(Operands *stack, int root)
{
    Operand value = pop_operand(stack);
    Uses *uses = stack->uses;
    if (value.updated && value.root == root) {
        return; /* it is the same, or else another value that can't change */
    }
    int i = 0;
    while (i < uses->stored_count && uses->stored[i].root != root) {
        i++;
    }
    if (i == MOST_NEEDS) {
        uses->crowded = true;
        return;
    }
    uses->stored[i].root = root;
    uses->stored[i].count += uses->stored[i].count < 255;
    uses->stored_count += i == uses->stored_count;
    for (i = 0; i < stack->stored_count && stack->stored[i].root != root; i++) {
    }
    if (i < MOST_NEEDS) { /* where it gets several values it may have any of them */
        stack->stored[i].value = i < stack->stored_count ? anything(stack) : value;
        stack->stored[i].root = root;
        stack->stored_count += i == stack->stored_count;
    }
}

/* ---- what leads from one object to another ---- */

/* What an object holds; `known`: it is found again by an attribute, or a key that can be worked out. */
static Operand part_of(const Operand *object, bool known)
{
    Operand part = *object;
    part.key = (KeyPlan){.op = 0};
    part.itself = part.parts = object->parts | (known ? 0 : LINE_EACH);
    part.otherwise = object->otherwise_parts;
    part.links += part.links < 255;
    part.remains = part.updated = part.mutates = false;
    return part;
}

/* A value that may be made of others, or be one of them. */
static void take_in(Operands *stack, Operand *whole, const Operand *piece)
{
    if (piece->root == NO_ROOT && piece->itself == 0 && piece->parts == 0) {
        return; /* a constant, or empty */
    }
    whole->itself |= piece->itself | piece->parts | LINE_EACH;
    whole->parts |= piece->itself | piece->parts | LINE_EACH;
    whole->lines |= piece->lines;
    need_root(stack->uses, stack->info, (Need){piece->root, piece->stores, false, piece->otherwise | piece->otherwise_parts});
}

/* A new object that holds the topmost ones. */
static void build(Operands *stack, int count)
{
    Operand made = nothing();
    made.lines = stack->bit;
    while (count-- > 0) {
        Operand piece = pop_operand(stack);
        take_in(stack, &made, &piece);
    }
    made.itself = 0;
    push_operand(stack, made);
}

/* More is put into a new object that stands below others. */
static void put_into(Operands *stack, int place, int count)
{
    Operand pieces = nothing();
    while (count-- > 0) {
        Operand piece = pop_operand(stack);
        take_in(stack, &pieces, &piece);
    }
    if (place <= stack->depth && place > 0) {
        stack->items[stack->depth - place].parts |= pieces.parts;
        stack->items[stack->depth - place].lines |= pieces.lines;
    }
}

/* Whether what is called meanwhile may change a key. */
static bool may_be_set_elsewhere(const KeyPlan *plan)
{
    uint8_t kinds[] = {plan->left.kind, plan->op ? plan->right.kind : KEY_NUMBER, plan->op2 ? plan->third.kind : KEY_NUMBER};
    for (int i = 0; i < 3; i++) {
        if (kinds[i] != KEY_SLOT && kinds[i] != KEY_CONSTANT && kinds[i] != KEY_NUMBER) {
            return true;
        }
    }
    return false;
}

/* A line changes what another line of the statement has found: it has to look at what that did. */
static void inherit(LineInfo *info, const LineInfo *other, int words)
{
    for (int i = 0; i < words; i++) {
        info->flags |= other->stores[i] != 0 ? ANYTHING : 0; /* it may have been found by another value of a variable */
        info->loads[i] |= other->loads[i];
    }
    if (other->stored_name_count > 0 || other->stored_global_count > 0) {
        info->flags |= ANYTHING;
    }
    info->flags |= other->flags & (LINE_SUBSCRIPTS | LINE_ITERATES | LINE_OPERATES);
    for (int i = 0; i < other->attribute_count; i++) {
        info->flags |= add_name(&info->attributes, &info->attribute_count, other->attributes[i]) ? 0 : ANYTHING;
    }
    for (int i = 0; i < other->global_count; i++) {
        info->flags |= add_global(info, other->globals[i].name) ? 0 : ANYTHING;
    }
    for (int i = 0; i < other->plan_count; i++) {
        const KeyPlan *plan = &other->plans[i];
        info->flags |= !plan->sets && !may_be_set_elsewhere(plan) && add_key_plan(info, *plan, false) ? 0 : LINE_EACH;
    }
}

/* An object is changed. */
static void change_object(Operands *stack, const Operand *object, int words)
{
    LineInfo *info = stack->info;
    Uses *uses = stack->uses;
    info->flags |= object->itself | (object->links > LOOK_DEPTH ? ANYTHING : 0);
    need_root(uses, info, (Need){object->root, object->stores, true, object->otherwise});
    stack->changed = true;
    uses->meanwhile |= object->meanwhile && (object->links > 0 || object->root == NO_ROOT || object->root >= CELL_ROOT(0));
    uses->changes += uses->changes < 255;
    uses->behind |= object->links > 0 || object->itself != 0;
    if (object->lines & ~stack->bit && object->itself & LINE_RESULTS) {
        info->flags |= ANYTHING; /* what another line's call returned */
    }
    for (uint32_t bits = object->lines & ~stack->bit; bits; bits &= bits - 1) {
        const LineInfo *other = stack->lines[__builtin_ctz(bits)];
        inherit(info, other, words);
        if (info->next != NULL) {
            inherit(info->next, other, words);
        }
    }
}

/* Whether the key on which an item depends can be worked out again. */
static bool is_planned(const Operands *stack, const Operand *key)
{
    LineInfo *info = stack->info;
    return add_key_plan(info, key->key, false) && (info->next == NULL || add_key_plan(info->next, key->key, false));
}

static Operand item_of(Operands *stack, const Operand *object, const Operand *key)
{
    bool known = is_planned(stack, key);
    Operand item = part_of(object, known);
    item.lines |= key->lines;
    if (is_simple(&object->key) && (is_simple(&key->key) || (key->key.left.kind == KEY_BOUNDS && key->key.left.index >= 0))) {
        item.key = (KeyPlan){.left = object->key.left, .right = key->key.left, .op = KEY_ITEM};
    }
    else if (is_simple(&object->key) && key->key.left.kind == KEY_BOUNDS) {
        item.key = (KeyPlan){.left = object->key.left, .right = key->key.right, .third = key->key.third, .op = KEY_SLICE, .op2 = KEY_SLICE};
    }
    return item;
}

/* A slice, of which the bounds are on the stack. */
static void build_slice(Operands *stack, int count)
{
    Operand stop = stack->depth >= count ? stack->items[stack->depth - count + 1] : nothing();
    Operand start = stack->depth >= count ? stack->items[stack->depth - count] : nothing();
    build(stack, count);
    if (count == 2 && is_simple(&start.key) && is_simple(&stop.key)) {
        stack->items[stack->depth - 1].key = (KeyPlan){.left = {KEY_BOUNDS, -1}, .right = start.key.left, .third = stop.key.left};
    }
}

/* An item is stored or deleted. */
static void set_item(Operands *stack, bool deletes, int words)
{
    Operand key = pop_operand(stack), object = pop_operand(stack), value = deletes ? nothing() : pop_operand(stack);
    LineInfo *info = stack->info;
    int changes = stack->uses->changes;
    change_object(stack, &object, words);
    stack->uses->changes = (uint8_t)(value.updated ? changes : stack->uses->changes);
    if (!deletes) {
        info->flags |= add_key_plan(info, key.key, true) ? 0 : LINE_MIDDLE;
        if (info->next != NULL) {
            info->next->flags |= add_key_plan(info->next, key.key, true) ? 0 : LINE_MIDDLE;
        }
    }
}

static void combine_keys(Operands *stack, uint8_t op, const Operand *left, const Operand *right)
{
    Operand both = nothing();
    take_in(stack, &both, left);
    take_in(stack, &both, right);
    both.itself |= LINE_RESULTS;
    both.parts |= LINE_RESULTS;
    if (op != 0 && is_simple(&left->key) && is_simple(&right->key)) {
        both.key = (KeyPlan){.left = left->key.left, .right = right->key.left, .op = op};
    }
    else if (op != 0 && is_key(&left->key) && left->key.op != 0 && left->key.op < KEY_NEGATE && left->key.op2 == 0 && is_simple(&right->key)) {
        both.key = left->key;
        both.key.third = right->key.left;
        both.key.op2 = op;
    }
    push_operand(stack, both);
}

/* ---- calls ---- */

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

/* ---- where ways meet ---- */

/* The stack as it is where an instruction jumps forward to. */
typedef struct {
    int depth;
    Operand items[MOST_OPERANDS];
} Join;

static Operand either(Operands *stack, const Operand *one, const Operand *other)
{
    Operand both = *one;
    bool same_key = memcmp(&one->key, &other->key, sizeof one->key) == 0;
    both.key = same_key ? one->key : (KeyPlan){.op = 0};
    both.itself |= other->itself;
    both.parts |= other->parts;
    both.otherwise |= other->otherwise;
    both.otherwise_parts |= other->otherwise_parts;
    both.lines |= other->lines;
    both.links = one->links > other->links ? one->links : other->links;
    both.remains = one->remains && other->remains;
    both.updated = one->updated && other->updated;
    both.meanwhile = one->meanwhile || other->meanwhile;
    both.mutates = one->mutates || other->mutates;
    if (one->root != other->root || one->stores != other->stores) {
        need_root(stack->uses, stack->info, (Need){one->root, one->stores, false, both.otherwise | both.otherwise_parts});
        need_root(stack->uses, stack->info, (Need){other->root, other->stores, false, both.otherwise | both.otherwise_parts});
        both.root = NO_ROOT;
        both.itself |= LINE_EACH;
        both.parts |= LINE_EACH;
    }
    return both;
}

/* The topmost ones are the same on all ways. */
static void meet(Operands *stack, const Join *join)
{
    int depth = stack->depth < join->depth ? stack->depth : join->depth;
    for (int i = 1; i <= depth; i++) {
        stack->items[depth - i] = either(stack, &stack->items[stack->depth - i], &join->items[join->depth - i]);
    }
    stack->depth = depth;
}

static void free_joins(Join **joins, int units)
{
    for (int i = 0; joins != NULL && i <= units; i++) {
        free(joins[i]);
    }
    free(joins);
}

/* An instruction jumps there, with what is on the stack. */
static void jump_to(Operands *stack, Join **join)
{
    if (*join == NULL) {
        *join = calloc(1, sizeof(Join));
        if (*join != NULL) {
            (*join)->depth = stack->depth;
            memcpy((*join)->items, stack->items, (size_t)stack->depth * sizeof(Operand));
        }
    }
    else {
        Operands other = *stack;
        meet(&other, *join);
        (*join)->depth = other.depth;
        memcpy((*join)->items, other.items, (size_t)other.depth * sizeof(Operand));
    }
}

static void come_together(Operands *stack, const Join *join)
{
    if (stack->unreachable) {
        stack->depth = join->depth;
        memcpy(stack->items, join->items, (size_t)join->depth * sizeof(Operand));
    }
    else {
        meet(stack, join);
    }
}

/* ---- instructions ---- */

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
            push_key(stack, KEY_FUNCTION, arg >> 1);
            push_key(stack, KEY_FUNCTION, arg >> 1);
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
#ifdef POP_JUMP_FORWARD_IF_FALSE
    case POP_JUMP_FORWARD_IF_FALSE:
    case POP_JUMP_FORWARD_IF_TRUE:
    case POP_JUMP_FORWARD_IF_NONE:
    case POP_JUMP_FORWARD_IF_NOT_NONE:
    case POP_JUMP_BACKWARD_IF_FALSE:
    case POP_JUMP_BACKWARD_IF_TRUE:
    case POP_JUMP_BACKWARD_IF_NONE:
    case POP_JUMP_BACKWARD_IF_NOT_NONE:
    case JUMP_IF_FALSE_OR_POP:
    case JUMP_IF_TRUE_OR_POP:
#else
    case POP_JUMP_IF_FALSE:
    case POP_JUMP_IF_TRUE:
    case POP_JUMP_IF_NONE:
    case POP_JUMP_IF_NOT_NONE:
#endif
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
        forget_operands(stack);
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
