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

/* The variables that a value was got from: it is one of their values, a part of one, or made of them. */
typedef struct {
    uint64_t slots;     /* bit set over the first 64                                             */
    int owner, name;    /* + 1: an attribute of one of them                                      */
    bool globals, anything;
    bool called;        /* a call gave it                                                        */
} Origins;

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
    Origins origins;
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
    bool gives_parts;   /* of objects, to such calls                                             */
    int calls;          /* of what isn't known to leave other objects alone, and it is known what they got */
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
    return (Operand){.root = NO_ROOT, .itself = ANYTHING, .parts = ANYTHING, .lines = stack->bit, .origins.anything = true};
}

static inline Operand nothing(void) { return (Operand){.root = NO_ROOT}; }

static void join_origins(Origins *origins, const Origins *more)
{
    origins->anything |= more->anything || (origins->owner != 0 && more->owner != 0 && (origins->owner != more->owner || origins->name != more->name));
    origins->globals |= more->globals;
    origins->called |= more->called;
    origins->slots |= more->slots;
    if (origins->owner == 0) {
        origins->owner = more->owner;
        origins->name = more->name;
    }
}

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
    operand.origins.globals = (root & NAME_ROOT(0)) != 0;
    operand.origins.slots = root < 64 ? 1ULL << root : 0;
    operand.origins.anything = !operand.origins.globals && root >= 64;
    for (int i = 0; i < stack->stored_count; i++) {
        if (stack->stored[i].root == root) {
            const Operand *value = &stack->stored[i].value;
            operand.otherwise = value->itself | (value->root != NO_ROOT ? LINE_EACH : 0);
            operand.otherwise_parts = value->parts | (value->root != NO_ROOT ? LINE_EACH : 0);
            operand.lines |= value->lines;
            join_origins(&operand.origins, &value->origins);
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
    join_origins(&whole->origins, &piece->origins);
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
        join_origins(&stack->items[stack->depth - place].origins, &pieces.origins);
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
    join_origins(&item.origins, &key->origins);
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
