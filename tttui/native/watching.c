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

static void watch_inputs(void)
{
    if (!inputs.watched) {
        inputs.watched = true;
        clock_by_kernel = clock_by_call;
        find_clock();
        find_own_places();
        wrap_handlers();
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
