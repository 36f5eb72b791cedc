/* The ring: a file in shared memory through which the recorder hands the stream to the writer.
 *
 * Layout: the header, the output area, then `capacity` bytes of data (a power of two, a multiple of the page
 * size). Positions are absolute byte counts since the start of the run; position p is stored at
 * data[p % capacity]. The recorder maps the data twice in a row, so that it may write across the
 * end. Single producer (under the GIL), single consumer. All fields are naturally aligned and
 * little endian; those that both sides touch are accessed with acquire/release semantics.
 *
 * The producer publishes `head` and `events` after each whole event (with the records before it).
 * What the program writes to its standard output and error goes through a second, small ring, the
 * output area: those who write to a descriptor need not hold the GIL. A record there is a
 * RingOutput, `length` bytes, and padding to a multiple of 8; it wraps at RING_OUTPUT_SIZE.
 *
 * Nothing published is ever overwritten before the consumer has moved `tail` past it, which it
 * does only after the bytes are committed to the database.
 */
#ifndef TTTUI_RING_H
#define TTTUI_RING_H
#include <stdint.h>

#define RING_MAGIC 0x31676e6972747474ULL /* "tttring1" */
#define RING_OUTPUT 16384              /* where the output area begins in the file             */
#define RING_OUTPUT_SIZE (1024 * 1024) /* a power of two                                       */
#define INPUT_MARK 0x1000
#define INPUT_WITHHELD 0x80000000u /* bit of the descriptor of an input that is, or holds, a secret: the
                                    * writer keeps its data out of the recording (withheld.py)  */
#define RING_HEADER_SIZE (RING_OUTPUT + RING_OUTPUT_SIZE)
#define RING_CHUNKS 1024 /* more than can start within one ring's capacity */
/* A chunk ends at the event after which it has this many events or bytes. */
#define CHUNK_EVENTS 65536
#define CHUNK_BYTES (512 * 1024)

typedef struct {
    uint64_t magic;
    uint32_t format;        /* STREAM_FORMAT                                                   */
    uint32_t header_size;   /* RING_HEADER_SIZE                                                */
    uint64_t capacity;      /* bytes of data                                                   */
    /* written by the recorder */
    uint64_t head;          /* published end of the stream                                     */
    uint64_t events;        /* published events                                                */
    uint64_t calls;         /* published calls                                                 */
    uint64_t chunks;        /* chunks begun; the start of number i is chunk_start[i % RING_CHUNKS] */
    uint64_t start_clock;   /* CLOCK_MONOTONIC ns at event 0                                   */
    uint64_t start_wall;    /* CLOCK_REALTIME ns at event 0                                    */
    int64_t program_pid;    /* 0 until the recorder is attached                                */
    uint32_t attached;      /* 1: a recorder has opened it, 2: it has finished by itself       */
    uint32_t python_hex;    /* PY_VERSION_HEX of the program                                   */
    uint64_t forks;         /* children that the program forked (they are not recorded)        */
    uint64_t waits;         /* times that the program waited for the writer                    */
    uint64_t cut[16];       /* how often a limit cut something: CUT_*                          */
    uint64_t abandoned;     /* 1: recording stopped because no writer came back                */
    uint64_t output_head;   /* published end of the output area's records                      */
    uint32_t output_lock;   /* held while one is written                                       */
    uint32_t output_seen;   /* 1: the program's writes are seen                                */
    uint64_t checkpoints;   /* copies of the program that were made                            */
    uint64_t checkpoint_ns; /* what making them took                                           */
    uint64_t checkpoints_not[8]; /* how often one was due but not made: NOT_* of checkpoint.h  */
    uint64_t paused;        /* 1 + the event at which the program waits, or waited last        */
    uint64_t inputs_until;  /* 1 + the events published when an input was first not noted; 0: all were */
    uint64_t main_thread;   /* its pthread_t: threading.get_ident()                            */
    uint8_t hash_secret[24];/* what str and bytes are hashed with: _Py_HashSecret              */
    uint32_t copy_let_go;   /* 1 + the microseconds at work after which the copy just made had let go of what
                             * it shares with the program, which waits for that; 0: it hasn't yet */
    char pad1[60];
    /* written by the writer and the launcher */
    uint64_t tail;          /* all before it is committed                                      */
    uint64_t output_tail;   /* the same of the output area                                     */
    int64_t writer_pid;     /* 0: none                                                         */
    uint64_t writer_beat;   /* CLOCK_MONOTONIC ns of the writer's last sign of life            */
    uint32_t stop;          /* 1: disk full or size limit reached: recorder, stop recording    */
    uint32_t ended;         /* 1: the launcher has seen the program end                        */
    int32_t wait_status;    /* as waitpid() gave it, once ended                                */
    uint32_t checkpoints_off; /* 1: no more copies, for now                                    */
    uint64_t resumed;       /* the `paused` from which the program may go on; UINT64_MAX: and stop no more */
    uint64_t checkpoint_memory; /* the most that copies took together, in bytes (PSS), as measured */
    uint64_t chunk_start[RING_CHUNKS];
    char options[4096];     /* "key=value" lines for the recorder, NUL-terminated, written by the
                             * launcher: max_items, max_depth, max_string (numbers), all, redacting
                             * (0/1), include, exclude (globs of paths or modules; may repeat),
                             * redact (globs of names; may repeat);
                             * checkpoint_socket (path: where copies report to),
                             * checkpoint_ms (at least so long between two),
                             * stop (LINE:PATH, a tabulator and a condition: wait there; may repeat),
                             * breakpoint (1: wait where breakpoint() is called);
                             * again_socket (path: where to get the recording from of which this
                             * program is to be run again), again_ids (its process id then, and
                             * those of its parent, its group and its session: PID:PID:PID:PID) */
} RingHeader;

typedef struct {
    uint64_t event;         /* events published before it was written                          */
    uint32_t descriptor;    /* 1 or 2; from INPUT_MARK on it is an input (inputs.c)            */
    uint32_t length;        /* bytes                                                           */
} RingOutput;

enum { CUT_ITEMS = 0, CUT_DEPTH = 1, CUT_STRING = 2, CUT_INT = 3, CUT_OBJECTS = 4, CUT_OUTPUT = 5, CUT_SECRET = 6 };

#endif
