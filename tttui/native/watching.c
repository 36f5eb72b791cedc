/* Puts what notes the program's inputs in the place of libc's functions. */
#include "recorder.h"
#include "checkpoint.h"

static void replace_all(void *libc, const struct Replaced *all, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        replace_function(libc, all[i].name, all[i].function);
    }
}

#define REPLACE_ALL(libc, all) replace_all(libc, all, sizeof(all) / sizeof *(all))

/* Of those, what waits, and what says which signals are handled: all that is needed where nothing is noted. */
static const struct Replaced replaced_of_waits[] = {
    {"sigaction", (void *)noted_sigaction}, {"clock_nanosleep", (void *)noted_clock_nanosleep}, {"nanosleep", (void *)noted_nanosleep},
    {"sigtimedwait", (void *)noted_sigtimedwait}, {"pause", (void *)noted_pause}, {"poll", (void *)noted_poll},
    {"ppoll", (void *)noted_ppoll}, {"select", (void *)noted_select}, {"epoll_wait", (void *)noted_epoll_wait},
    {"epoll_pwait", (void *)noted_epoll_pwait}, {"wait4", (void *)noted_wait4}, {"waitid", (void *)noted_waitid},
    {"read", (void *)noted_read}, {"readv", (void *)noted_readv}, {"open64", (void *)noted_open}, {"openat64", (void *)noted_openat},
    {"flock", (void *)noted_flock}, {"fcntl64", (void *)noted_fcntl}, {"accept", (void *)noted_accept}, {"accept4", (void *)noted_accept4},
    {"recv", (void *)noted_recv}, {"recvfrom", (void *)noted_recvfrom}, {"recvmsg", (void *)noted_recvmsg}, {"send", (void *)noted_send},
    {"sendto", (void *)noted_sendto}, {"sendmsg", (void *)noted_sendmsg},
};

static void watch_waits(void)
{
    static bool watched;
    if (!watched && all_threads() == 1) { /* another might be about to run what is replaced */
        watched = true;
        wrap_handlers();
        watch_locks();
        void *libc = dlopen("libc.so.6", RTLD_LAZY | RTLD_NOLOAD);
        if (libc != NULL) {
            REPLACE_ALL(libc, replaced_of_waits);
            dlclose(libc);
        }
    }
}

static void watch_inputs(void)
{
    if (!inputs.watched) {
        inputs.watched = true;
        clock_by_kernel = clock_by_call;
        find_clock();
        find_own_places();
        void *libc = dlopen("libc.so.6", RTLD_LAZY | RTLD_NOLOAD);
        if (libc != NULL) {
            begin_replacing(libc);
            REPLACE_ALL(libc, replaced_of_inputs);
            REPLACE_ALL(libc, replaced_of_files);
            REPLACE_ALL(libc, replaced_of_sockets);
            REPLACE_ALL(libc, replaced_of_signals);
            end_replacing();
            dlclose(libc);
        }
        void *const functions[] = {(void *)noted_time, (void *)noted_gettimeofday};
        for (int i = 0; i < 2; i++) {
            if (other_clocks[i].at != NULL) {
                put_jump(other_clocks[i].at, other_clocks[i].size, functions[i], kernels_page.at, kernels_page.size);
            }
        }
    }
    inputs.thread = pthread_self();
    inputs.bytes = inputs.waited = inputs.from_files = 0;
    inputs.noting = true;
}
