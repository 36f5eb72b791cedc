/* What a copy of the program and those who keep it say to each other: one message at a time over a
 * SOCK_SEQPACKET socket, a Message and then text. tttui/checkpoints/protocol.py has the same in Python.
 *
 * A copy says HELLO, then waits for commands. RUN and EVALUATE are carried out by a copy of the copy,
 * which answers over the socket that came with the command: so it stays what it is, for the next time. */
#ifndef TTTUI_CHECKPOINT_H
#define TTTUI_CHECKPOINT_H
#include <stdint.h>

enum {
    /* from a copy */
    SAYS_HELLO = 1,       /* a: position in the stream, b: inputs so far, c: ns that the fork took,
                           * of an ADOPTED one those of the processor from the one before it,
                           * d: page faults since the fork before of what was copied; text: remarks */
    SAYS_ARRIVED = 2,     /* the event was reached, and all up to it was as recorded; a: position
                           * in the stream behind it, b: inputs so far                            */
    SAYS_DIFFERS = 3,     /* a: position at which the event's records begin, b: offset of the first
                           * byte that differs, c: bytes that came instead; text: those, then
                           * what may be the cause (suspects.c)                                   */
    SAYS_HELD = 4,        /* it can't go on: text says why; behind a line break what is suspected  */
    SAYS_RESULT = 5,      /* text: the fields that inside.py made                                 */
    SAYS_MEMORY = 6,      /* a: proportional set size, b: what is its own, in bytes; c: ns to find out */
    SAYS_ENDED = 7,       /* a: the program's exit status                                         */
    SAYS_MORE = 8,        /* again.c: it soon comes to the end of what it was given; as ARRIVED   */
    /* to a copy */
    WANTS_RUN = 16,       /* go on to an event; a: position of the stream that is given, b: its
                           * bytes, c: bytes of inputs; descriptors: socket, stream, inputs. flags:
                           * after so many ms of processor time it is to leave a copy of itself,
                           * which says HELLO, 0: never; d: bytes that they may take in all. To
                           * again.c without the socket, inputs the first time alone, d: the
                           * position from which on it is to ask for more                         */
    WANTS_EVALUATE = 17,  /* a: frame, 0 is the innermost recorded one, b: length of inside.py's
                           * source, with which the text begins; then what to evaluate.
                           * Descriptor: the socket to answer over, unless KEEP                   */
    WANTS_MEMORY = 18,
    WANTS_UNIVERSE = 19,  /* go on from here, recorded into another ring: text is its path; behind a
                           * NUL where to stop, as the option `stop` of ring.h has it. ARRIVED is
                           * said once it is at work, and where it stops; HELD when it can't go on;
                           * when the program ends there, SAYS_ENDED. Descriptor: socket          */
    WANTS_FILE = 20,      /* to again.c, before it runs: a file as it was; text: its path, descriptor:
                           * its content; without one there was no such file                      */
};
enum { KEEP = 1, IN_PROGRAM = 2,         /* flags of WANTS_EVALUATE: in this copy itself, or in
                                          * the program while it stops;                           */
       LET_OUT = 4 };                    /* and of WANTS_UNIVERSE: the effects are let out; then
                                          * descriptors of its standard input, output and error
                                          * may come, too                                         */
enum { UNNOTED = 1 };                    /* flags of WANTS_RUN, to again.c: inputs were not noted */
/* flags of SAYS_HELLO; LIVE: it is the program, which stops here; ADOPTED: a copy that ran forward left it */
enum { AT_RAISE = 1, LOOK_ONLY = 2, AT_STOP = 4, LIVE = 8, ADOPTED = 16 };

typedef struct {
    uint32_t kind, flags;
    int64_t pid;
    uint64_t event;
    uint64_t a, b, c, d;
} Message;

#define MESSAGE_TEXT (128 * 1024) /* the most that goes with one                                  */

/* Why a checkpoint that was due wasn't taken: RingHeader.checkpoints_not */
enum { NOT_THREADS = 0, NOT_MAIN_THREAD = 1, NOT_MEMORY = 2, NOT_PARENT = 3, NOT_CLONED = 4, NOT_WANTED = 5 };

#endif
