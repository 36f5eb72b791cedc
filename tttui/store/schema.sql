-- The recording (run.db). Every table and column has its comment; docs/format.md is made from this file.
-- Events, variables and objects live in compressed chunks (native/stream.h); the rest are plain rows.

CREATE TABLE meta (             -- one row per fact about the run
    key TEXT PRIMARY KEY,       -- format, command (JSON list), python, platform, cwd, started (ISO 8601, UTC), start_wall_ns, start_clock_ns, pid, scope (JSON), limits (JSON), ended, exit_code, signal, exception (JSON), duration_ns, forks, waits, cut (JSON), lost, ring (path of the ring while recording), state (recording | finished | cut short), stopped (why recording ended before the program: disk full | size limit | write error | damaged stream | no -wal file ...), kinds (JSON list: events by kind in complete chunks), counted (chunks whose totals are in line_hits, code.calls and kinds), last_raise (JSON: event, thread, code of the last exception that left a thread's recorded code), checkpoints (socket where a viewer asks for the program's checkpoints while there are any), checkpoints_made (copies of the program that were made), checkpoint_ns (what making them took), checkpoint_memory (the most that they took together, in bytes), checkpoints_not (JSON: how often one was due but not made, by reason), universe_of, universe_event, universe_change (of a recording that goes on another way from a moment of another one: that one's path, the event, what was changed), outputs_to (position in the ring's output area), circumstances (JSON: what a program that tttui started ran under, so that it can be run again: record/circumstances.py), seal (that this user made it: record/origin.py), python_hex (PY_VERSION_HEX), hash_secret (_Py_HashSecret in hexadecimal: the order of sets follows from it), main_thread (threading.get_ident() of the main thread), inputs_until (1 + the events before the first input that was not noted; 0: all were)
    value                       -- text or number
);
CREATE TABLE chunk (            -- a stretch of the event stream; the last one is replaced while it grows
    id INTEGER PRIMARY KEY,     -- 0, 1, 2 ... without gaps
    first_event INTEGER,        -- number of its first event
    events INTEGER,             -- how many events
    first_call INTEGER,         -- calls made before it
    calls INTEGER,              -- calls made in it
    first_object INTEGER,       -- objects seen before it
    objects INTEGER,            -- objects first seen in it
    start_ns INTEGER,           -- time at its start, ns since the start of the run
    end_ns INTEGER,             -- time of its last event
    ring_start INTEGER,         -- position of its first byte in the ring
    ring_stop INTEGER,          -- position behind its last byte (the next writer goes on from here)
    codec TEXT,                 -- zstd, zlib or raw
    size INTEGER,               -- bytes when decompressed
    checksum INTEGER,           -- CRC-32 (zlib.crc32) of the decompressed bytes
    postings BLOB,              -- index of what is in it (reader.index_lookup), compressed by codec "zlib"
    data BLOB                   -- the stream
);
CREATE TABLE summary (          -- what overviews need of each chunk (reader.summary); a recording can do without
    chunk INTEGER PRIMARY KEY,  -- chunk.id
    profile BLOB,               -- its events counted in bins, compressed by codec "zlib"
    calls BLOB,                 -- its calls that are older than itself, compressed by codec "zlib"
    touched BLOB                -- which keys of older objects were written (reader.touches), compressed by codec "zlib"
);
CREATE TABLE file (             -- source files
    id INTEGER PRIMARY KEY,     -- as in the stream
    path TEXT,                  -- co_filename
    source BLOB,                -- raw bytes as they were when the first code of the file ran; NULL: not known
    origin INTEGER              -- 0 not known, 1 read from the file, 2 given to compile()
);
CREATE TABLE code (             -- code objects
    id INTEGER PRIMARY KEY,     -- as in the stream
    file INTEGER,               -- file.id
    name TEXT,                  -- co_name
    qualname TEXT,              -- co_qualname
    first_line INTEGER,         -- co_firstlineno
    flags INTEGER,              -- co_flags
    argcount INTEGER,           -- co_argcount
    posonly INTEGER,            -- co_posonlyargcount
    kwonly INTEGER,             -- co_kwonlyargcount
    slots TEXT,                 -- JSON list of [name, kind]: kind 0 local, 1 cell, 2 free, 3 hidden
    linetable BLOB,             -- co_linetable (PEP 626/657 positions)
    calls INTEGER               -- how often it was called
);
CREATE TABLE line_hits (        -- how often each line ran
    code INTEGER,               -- code.id
    line INTEGER,               -- line number
    hits INTEGER,               -- line events
    PRIMARY KEY (code, line)
);
CREATE TABLE type (             -- types of recorded values
    id INTEGER PRIMARY KEY,     -- as in the stream
    module TEXT,                -- __module__
    qualname TEXT,              -- __qualname__
    shape INTEGER               -- SHAPE_* of stream.h
);
CREATE TABLE name (             -- attribute names
    id INTEGER PRIMARY KEY,     -- as in the stream
    text TEXT                   -- the name
);
CREATE TABLE text (             -- where long strings and bytes are: each stands once in the stream
    first INTEGER PRIMARY KEY,  -- id of the first one that the chunk defines; the next follow it
    chunk INTEGER               -- chunk.id
);
CREATE TABLE thread (           -- threads
    id INTEGER PRIMARY KEY,     -- as in the stream
    native INTEGER,             -- the operating system's thread id
    name TEXT                   -- name when first seen
);
CREATE TABLE task (             -- asyncio tasks (or other roots of an await chain)
    id INTEGER PRIMARY KEY,     -- as in the stream
    name TEXT                   -- the name that the program gave it before it began, else its coroutine's function
);
CREATE TABLE written (          -- output
    id INTEGER PRIMARY KEY,     -- in order
    event INTEGER,              -- the last event before it was written
    fd INTEGER,                 -- 1 stdout, 2 stderr
    data BLOB                   -- the bytes
);
CREATE TABLE input (            -- what the main thread of a program with checkpoints got to know from outside, for its copies to get again
    first INTEGER PRIMARY KEY,  -- number of the first one in this row: they count from 0
    count INTEGER,              -- how many
    size INTEGER,               -- bytes when decompressed
    data BLOB                   -- RingOutput records of native/ring.h, compressed by codec "zlib"
);
CREATE TABLE gap (              -- where something was not recorded
    id INTEGER PRIMARY KEY,     -- in order
    event INTEGER,              -- the last event before it
    reason INTEGER,             -- GAP_* of stream.h
    count INTEGER               -- how many events, where known
);
CREATE TABLE checksum (         -- of rows outside of the chunks' data; a recording can do without
    id INTEGER PRIMARY KEY,     -- 2^48 * part + block of rows: record/checksums.py says which
    sum INTEGER                 -- CRC-32 of the JSON of the rows
);
