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
        wrap_handlers();
        void *libc = dlopen("libc.so.6", RTLD_LAZY | RTLD_NOLOAD);
        if (libc != NULL) {
            REPLACE_ALL(libc, replaced_of_inputs);
            REPLACE_ALL(libc, replaced_of_files);
            REPLACE_ALL(libc, replaced_of_sockets);
            REPLACE_ALL(libc, replaced_of_signals);
            dlclose(libc);
        }
    }
    inputs.thread = pthread_self();
    inputs.bytes = inputs.waited = inputs.from_files = 0;
    inputs.noting = true;
}
