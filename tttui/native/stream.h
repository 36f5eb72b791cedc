/* The event stream: what the recorder writes into the ring, what a chunk in run.db holds, and
 * what the decoder reads. One format for all three, so this file is its only definition.
 *
 * A stream is a sequence of records: one tag byte, then the fields named beside the tag.
 *   u   unsigned LEB128 varint, up to 64 bits
 *   s   the same of a zigzag-mapped signed number
 *   v   a value (see VALUES)
 *   t   a text: u number of bytes, then that many bytes of UTF-8 ("surrogatepass")
 *   b   a byte
 *
 * Event records advance the clock by one. Event number p shows the state *before* the line of a
 * LINE event runs (and after the call, at the return, at the raise ... of the others). All state
 * records that stand before an event record and after the one before it are part of that state:
 * what they changed was changed by the code that ran since the same frame's previous event.
 *
 * A chunk begins with a CHUNK record, which restates every open frame, so that variables can be
 * read from the chunk alone. Definitions (DEF_*) are written once in a run, before their first
 * use. The contents of objects are found through the index of chunks in which they were written.
 *
 * Ids count from 1 in the order of their definition; 0 stands for "none". Object ids are never
 * reused. Call ids count from 1 in the order of PUSH.
 */
#ifndef TTTUI_STREAM_H
#define TTTUI_STREAM_H

#define STREAM_FORMAT 1

/* ---- events ------------------------------------------------------------------------------ */
enum {
    EV_LINE_SHORT = 0x80, /* 0x80..0xff: line of the current frame += (tag & 0x7f) - 64        */
    EV_LINE = 0x01,       /* s: line of the current frame += s                                  */
    EV_CALL = 0x02,       /* -: the frame of the last PUSH begins (its line: the first line)    */
    EV_RETURN = 0x03,     /* v: the current frame returns v; it is gone after this event        */
    EV_YIELD = 0x04,      /* v: the current frame is suspended after this event                 */
    EV_RESUME = 0x05,     /* -: the frame of the last REENTER goes on                           */
    EV_THROW = 0x06,      /* v: the same, with the exception v thrown into it                   */
    EV_RAISE = 0x07,      /* u lasti+1, s line delta, v: the exception v is raised in this frame */
    EV_RERAISE = 0x08,    /* u lasti+1, s line delta, v                                         */
    EV_HANDLED = 0x09,    /* u lasti+1, s line delta, v: a handler of this frame takes v        */
    EV_UNWIND = 0x0a,     /* u lasti+1, s line delta, v: v leaves the frame; gone after it      */
};
/* lasti is counted in code units (2 bytes) from the start of the code; 0 means not known.
 * "line delta" moves the line of the current frame, as in EV_LINE. */

/* ---- state ------------------------------------------------------------------------------- */
enum {
    ST_VAR_SHORT = 0x40,  /* 0x40..0x5f: v: slot tag & 0x1f of the current frame is now v       */
    ST_VAR = 0x10,        /* u slot, v                                                          */
    ST_PUSH = 0x11,       /* u code, s line (absolute: co_firstlineno, so that lines can be read
                           * from the chunk alone), u lasti+1 of the nearest recorded caller
                           * (0: there is none), u namespace object (0: none): a new call; it
                           * becomes the current frame, its caller is the frame that was current. */
    ST_REENTER = 0x12,    /* u call, u code, s line (absolute), u caller's lasti+1,
                           * u namespace object: a suspended frame becomes current again. Its
                           * variables stand if it was seen in this chunk, else VARs restate
                           * them between this and the event (restated: not changes).           */
    ST_STACK = 0x13,      /* u frames, then each, outermost first: FRAME. The current thread now
                           * runs another stack (greenlets; attached to a running program).     */
    ST_THREAD = 0x14,     /* u thread: what follows happens in this thread                      */
    ST_TASK = 0x15,       /* u task: the current thread now runs this task (0: none)            */
    ST_TIME = 0x16,       /* u ns since the last TIME (or since the CHUNK's time)               */
    ST_OUTPUT = 0x17,     /* u fd, u n, n bytes: written to fd 1 or 2 after the last event      */
    ST_GAP = 0x18,        /* b reason (GAP_*), u count: something wasn't recorded here          */
    ST_CHUNK = 0x19,      /* u first event, u calls so far, u objects so far, u time_ns,
                           * u current thread, u threads, then each: u thread, u task, u frames,
                           * then each frame, outermost first: FRAME                            */
    ST_LOOSE = 0x1a,      /* -: code that isn't recorded ran and may have changed objects beyond
                           * those that were compared; they are "unchecked" until next written  */
    ST_FOREIGN = 0x1b,    /* -: code that isn't recorded ran: objects of its own classes, and what
                           * only they hold, may have changed since they were last written       */
    /* FRAME = u call, u code, s line (absolute), u caller's lasti+1, u namespace object,
     *         u n, n * (u slot, v) */
};

/* ---- objects ----------------------------------------------------------------------------- */
enum {
    OB_NEW = 0x20,        /* u object, u type, CONTENT: first seen                              */
    OB_SNAPSHOT = 0x21,   /* u object, u type, CONTENT: the whole of what is known, again; nearly
                           * always with an object's first change in a chunk                    */
    OB_SPLICE = 0x22,     /* u object, b part, u position, u deleted, u inserted, ENTRYs        */
    OB_SETKEY = 0x23,     /* u object, b part, v key, v value: set or added (dict, namespace,
                           * set: the value is ignored; attributes: the key is the name, a str).
                           * Where the middle was cut, a key that isn't among those kept is one of
                           * the cut ones: a new key of such a part is added by a SPLICE at its end */
    OB_DELKEY = 0x24,     /* u object, b part, v key                                            */
    OB_RESIZE = 0x25,     /* u object, b part, u length: changed in ways that were not seen;
                           * its entries are "unchecked" from here on                           */
    OB_DIED = 0x26,       /* u object                                                           */
};
/* CONTENT = u number of parts, then each part:
 *           b part, u length (the true number of entries), u head, head ENTRYs,
 *           u tail, tail ENTRYs   (head + tail < length: the middle was cut by max-items)
 * A part says what an ENTRY is: */
enum {
    PART_ITEMS = 0,       /* v              list, deque, set, frozenset, tuple subclass ...     */
    PART_PAIRS = 1,       /* v key, v value dict and its subclasses, namespaces                 */
    PART_ATTRIBUTES = 2,  /* u name, v      instance attributes (__dict__ and __slots__)        */
    PART_CELL = 3,        /* v              one entry: what the closure cell holds              */
    PART_SCALAR = 4,      /* v              one entry: the base value of a subclass of
                           *                str/int/float/bytes ..., the bytes of a bytearray,
                           *                the label of an opaque thing (a function's qualified
                           *                name, a module's name, a class's qualified name)    */
    PART_ARRAY = 5,       /* v              an array: entry 0 the dtype (str), entry 1 the shape
                           *                (tuple), then flat elements; length counts those 2  */
};
/* A NEW or SNAPSHOT of a namespace (the dict of a module, a class body, exec'ed code) may hold
 * only the names that recorded code has touched. */

/* ---- definitions ------------------------------------------------------------------------- */
enum {
    DEF_TYPE = 0x30,      /* u type, t module, t qualified name, b shape (SHAPE_*)              */
    DEF_FILE = 0x31,      /* u file, t path (as co_filename has it), b source (SOURCE_*)        */
    DEF_SOURCE = 0x32,    /* u file, u n, n bytes: the next piece of the file's raw source      */
    DEF_CODE = 0x33,      /* u code, u file, t name, t qualified name, u first line, u co_flags,
                           * u argcount, u posonly, u kwonly, u slots, slots * (t name, b kind
                           * SLOT_*), u n, n bytes of co_linetable, u m, m * u code unit at
                           * which a line that is a new statement begins (0 = not analysed)     */
    DEF_NAME = 0x34,      /* u name, t: an attribute name                                       */
    DEF_TEXT = 0x35,      /* u text, b 0 str / 1 bytes, u n, n bytes: a long string, kept once  */
    DEF_THREAD = 0x36,    /* u thread, u native id, t name                                      */
    DEF_TASK = 0x37,      /* u task, t name                                                     */
};
enum { SLOT_LOCAL = 0, SLOT_CELL = 1, SLOT_FREE = 2, SLOT_HIDDEN = 3 };
enum { SOURCE_NONE = 0, SOURCE_FILE = 1, SOURCE_COMPILED = 2 };
enum {                    /* how a value of the type is to be shown; the type's base family     */
    SHAPE_INSTANCE = 0, SHAPE_LIST = 1, SHAPE_TUPLE = 2, SHAPE_DICT = 3, SHAPE_SET = 4,
    SHAPE_FROZENSET = 5, SHAPE_STR = 6, SHAPE_BYTES = 7, SHAPE_BYTEARRAY = 8, SHAPE_INT = 9,
    SHAPE_FLOAT = 10, SHAPE_DEQUE = 11, SHAPE_EXCEPTION = 12, SHAPE_FUNCTION = 13,
    SHAPE_METHOD = 14, SHAPE_MODULE = 15, SHAPE_CLASS = 16, SHAPE_CELL = 17, SHAPE_ARRAY = 18,
    SHAPE_NAMESPACE = 19, SHAPE_OPAQUE = 20, SHAPE_COMPLEX = 21, SHAPE_ENUM = 22,
    SHAPE_GENERATOR = 23, SHAPE_PARTIAL = 24,
    SHAPE_FOREIGN = 25,   /* an instance of a class that isn't recorded code's                   */
};
enum { GAP_WRITER_GONE = 1, GAP_TRACER_REPLACED = 2, GAP_OUT_OF_MEMORY = 3, GAP_STOPPED = 4 };

/* ---- values ------------------------------------------------------------------------------ */
enum {
    V_SMALL_INT = 0x80,   /* 0x80..0xff: the int (tag & 0x7f) - 16                              */
    V_UNBOUND = 0x00,     /* no value: never assigned, or deleted                               */
    V_NONE = 0x01,
    V_TRUE = 0x02,
    V_FALSE = 0x03,
    V_ELLIPSIS = 0x04,
    V_NOTIMPLEMENTED = 0x05,
    V_INT = 0x06,         /* s                                                                  */
    V_BIGINT = 0x07,      /* b sign (0 plus, 1 minus), u n, n bytes of magnitude, little endian */
    V_BIGINT_CUT = 0x08,  /* b sign, u bits: too large to keep                                  */
    V_FLOAT = 0x09,       /* 8 bytes, IEEE 754 double, little endian                            */
    V_COMPLEX = 0x0a,     /* 16 bytes                                                           */
    V_STR = 0x0b,         /* t                                                                  */
    V_BYTES = 0x0c,       /* u n, n bytes                                                       */
    V_TEXT = 0x0d,        /* u text: a str or bytes kept in DEF_TEXT, whole                     */
    V_TEXT_CUT = 0x0e,    /* u text, u true length (characters or bytes): its beginning         */
    V_OBJECT = 0x0f,      /* u object                                                           */
    V_TUPLE = 0x10,       /* u length, u n, n values (n < length: cut): an exact tuple          */
    V_FROZENSET = 0x11,   /* u length, u n, n values                                            */
    V_RANGE = 0x12,       /* v start, v stop, v step                                            */
    V_SLICE = 0x13,       /* v start, v stop, v step                                            */
    V_OPAQUE = 0x14,      /* u type: something that is not looked into (no identity kept)       */
    V_DEEP = 0x15,        /* u type: cut by max-depth                                           */
    V_LABEL = 0x16,       /* u type, t: something known by its name (a type, a builtin)         */
    V_REPR = 0x17,        /* u type, t: an immutable value of a standard type, in the form its
                           * repr has (datetime, Decimal, Fraction, UUID, Path, re.Pattern ...) */
    V_NAMED = 0x18,       /* u type, u length, u n, n values: tuple subclass (namedtuple ...);
                           * a method, partial or pattern; a numpy scalar: the number it holds   */
    V_REDACTED = 0x19,    /* -: a secret                                                        */
    V_NULLTEXT = 0x1a,    /* u length: a str or bytes of which nothing is kept                  */
};

#endif
