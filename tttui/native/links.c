/* Lines that may change an object and the way to it: by taking it out of its container, by giving the variable another
 * value, by a call that does so. What they can reach is noted before they run, and looked at afterwards wherever it is. */
#include "recorder.h"

#include <stdlib.h>

#define MOST_LINKED 64

/* What one line could reach when it began. */
struct Links {
    struct Links *next; /* in the free list */
    unsigned count;
    bool incomplete;
    bool nearest;  /* those alone that are met first                                           */
    bool of_loops; /* what the objects noted first lead to is found again by them, as long as they live */
    struct { Entry *entry; uint64_t id; } objects[MOST_LINKED];
};
static struct Links *free_links, *noting; /* NULL: things are looked at, not noted */

static struct Links *new_links(void)
{
    struct Links *links = free_links;
    if (links != NULL) {
        free_links = links->next;
    }
    else {
        links = malloc(sizeof *links);
    }
    if (links != NULL) {
        links->count = 0;
        links->incomplete = links->of_loops = links->nearest = false;
    }
    return links;
}

static void free_link(struct Links *links)
{
    if (links != NULL) {
        links->next = free_links;
        free_links = links;
    }
}

static inline void release_links(Shadow *shadow)
{
    if (UNLIKELY(shadow->links != NULL)) {
        free_link(shadow->links);
        shadow->links = NULL;
    }
}

static void note_link(Entry *entry)
{
    if (noting->count == MOST_LINKED) {
        noting->incomplete = true;
        return;
    }
    noting->objects[noting->count].entry = entry;
    noting->objects[noting->count++].id = entry->id;
}
