/* Programs with several threads. A copy has the one alone that made it, and that one holds the interpreter's lock: so
 * at this very event its objects can be looked at and asked. It can't run on, since others would have to run, too.
 * Threads of libraries (for numbers, say) are another thing: the copy gets along without, where they let it. */
#include "recorder.h"
#include "checkpoint.h"

#include <dlfcn.h>
#include <link.h>

/* Threads that Python knows; the interpreter's lock is held. */
static int python_threads(void)
{
    int count = 0;
    for (PyThreadState *each = PyInterpreterState_ThreadHead(R.interpreter); each != NULL; each = PyThreadState_Next(each)) {
        count++;
    }
    return count;
}

/* And how many it has known so far. */
static uint64_t threads_made(void) { return R.interpreter->threads.next_unique_id; }

static long all_threads(void)
{
    struct stat status;
    return own_call(SYS_newfstatat, AT_FDCWD, "/proc/self/task", &status, 0) == 0 ? (long)status.st_nlink - 2 : 1;
}

/* Before a copy is made: what of its threads whoever looks has to know. */
static void remark_threads(void)
{
    int python = python_threads();
    long all = all_threads();
    char text[128];
    if (python > 1) {
        copied.flags |= LOOK_ONLY;
        snprintf(text, sizeof text, "%d threads, of which the copy has one", python);
        remark(text);
    }
    else if (all > 1) {
        snprintf(text, sizeof text, all == 2 ? "%ld thread of a library is not in the copy" : "%ld threads of libraries are not in the copy", all - 1);
        remark(text);
    }
}

/* ---- in a copy ---- */

/* Others that wait for the interpreter's lock have asked for it, and this thread would wait until they have had it. */
static void forget_other_threads(void)
{
#if PY_VERSION_HEX >= 0x030d0000
    __atomic_and_fetch(&current_thread()->eval_breaker, ~(uintptr_t)1, __ATOMIC_RELAXED); /* _PY_GIL_DROP_REQUEST_BIT */
#else
    __atomic_store_n((int *)&R.interpreter->ceval.gil_drop_request, 0, __ATOMIC_RELAXED);
#endif
}

/* A library for numbers is to do by itself what it would share out among threads. */
static int do_without_threads(struct dl_phdr_info *info, size_t size, void *ignored)
{
    static const char *const names[] = {"scipy_openblas_set_num_threads64_", "scipy_openblas_set_num_threads", "openblas_set_num_threads64_",
                                        "openblas_set_num_threads", "MKL_Set_Num_Threads", "bli_thread_set_num_threads"};
    if (strstr(info->dlpi_name, "blas") == NULL && strstr(info->dlpi_name, "mkl") == NULL && strstr(info->dlpi_name, "blis") == NULL) {
        return 0;
    }
    void *library = dlopen(info->dlpi_name, RTLD_LAZY | RTLD_NOLOAD);
    for (size_t i = 0; library != NULL && i < sizeof names / sizeof *names; i++) {
        void (*set)(int) = (void (*)(int))dlsym(library, names[i]);
        if (set != NULL) {
            set(1);
            suspect(ALONE, names[i]);
            break;
        }
    }
    if (library != NULL) {
        dlclose(library);
    }
    return 0;
}

static struct {
    bool missing; /* there are threads that this copy does without                               */
    bool told;    /* libraries are being told: what they start for it is pretended               */
} threads;

/* To wait for the end of a thread that is not here would be for ever, and so would it until the last of them no longer waits
 * for something: libraries do both before a fork, and at their end. */
static int join_missing(pthread_t thread, void **result)
{
    (void)thread;
    if (result != NULL) {
        *result = NULL;
    }
    return 0;
}

static int destroy_unwaited(pthread_cond_t *condition)
{
    (void)condition;
    return 0;
}

static void wait_for_no_threads(void)
{
    void *libc = dlopen("libc.so.6", RTLD_LAZY | RTLD_NOLOAD);
    if (libc != NULL) {
        replace_function(libc, "pthread_join", (void *)join_missing);
        replace_function(libc, "pthread_cond_destroy", (void *)destroy_unwaited);
        dlclose(libc);
    }
}

/* `alone`: nor can this copy start any of its own. `evaluates`: it may be asked for what the program never did, and would
 * start them for; where it runs on, the program's own threads alone count, or memory would come to lie elsewhere. */
static void get_along_without_threads(bool alone, bool evaluates)
{
    forget_other_threads();
    if (threads.missing || all_threads() < policy.threads || (alone && evaluates)) {
        threads.told = evaluates; /* OpenBLAS starts its threads anew behind a fork, be it to be told that it has none */
        dl_iterate_phdr(do_without_threads, NULL);
        threads.told = false;
        if (alone) {
            wait_for_no_threads();
        }
        threads.missing = false;
        policy.threads = 0;
    }
}

/* A thread is to start, while a copy runs forward. One of Python's has its state before it starts; any other is a
 * library's: it is pretended, and the library told at the next event to get along without. */
static long pretend_thread(void)
{
    static int next = 0;
    if (threads.told) {
        return copied.program + 1 + next++;
    }
    if (!replaying() || inputs.another || python_threads() > 1) {
        return 0;
    }
    threads.missing = true;
    R.attention = true;
    return copied.program + 1 + next++;
}
