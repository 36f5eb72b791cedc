/* What the program only made after the moment that was entered is there by now, and isn't yet in the copy: what is evaluated, and what
 * goes on another way, finds nothing there. */
#include "recorder.h"

static void hide_what_is_not_yet(void)
{
    const uint8_t *at = inputs.at;
    while (at != NULL && inputs.end - at >= (ptrdiff_t)(sizeof(RingOutput) + sizeof(InputHead))) {
        RingOutput record;
        memcpy(&record, at, sizeof record);
        const char *path = (const char *)at + sizeof record + sizeof(InputHead);
        size_t room = (size_t)(inputs.end - at) - sizeof record;
        if (record.length > room) {
            return;
        }
        if (record.descriptor == INPUT_MARK + INPUT_MADE && record.length > sizeof(InputHead) && record.event >= R.events &&
            memchr(path, 0, record.length - sizeof(InputHead)) != NULL) {
            char whole[512];
            struct stat status;
            if (held_index(AT_FDCWD, path, whole) < 0 && own_call(SYS_newfstatat, AT_FDCWD, path, &status, AT_SYMLINK_NOFOLLOW) == 0) {
                hold_file(AT_FDCWD, path, -1);
            }
        }
        at += sizeof record + ((record.length + 7) & ~(size_t)7);
    }
}
