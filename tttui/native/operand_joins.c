/* What stands on the interpreter's stack where two ways through a line meet. */
#include "recorder.h"

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
    join_origins(&both.origins, &other->origins);
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
