/* Puts functions of ours in the place of libc's: a jump at the beginning of each, in memory. */
#include "recorder.h"

#include <dlfcn.h>
#include <elf.h>
#include <link.h>
#include <sys/mman.h>

/* Code that can be written to meanwhile: where many functions are replaced, to ask for the pages of each costs most of the time. */
typedef struct {
    uintptr_t from, to;
} Extent;

static Extent writable_code;

static bool protect(uintptr_t from, uintptr_t to, int protection) { return mprotect((void *)from, to - from, protection) == 0; }

/* Bytes of a function, with the padding behind it up to where the next one may begin. */
static size_t room_of_function(const uint8_t *at, size_t size)
{
    static const uint8_t padding[] = {0x66, 0x0f, 0x2e, 0x90, 0xcc}; /* how a nop, or a trap, begins */
    size_t aligned = (size + 15) & ~(size_t)15;
    bool padded = ((uintptr_t)at & 15) == 0 && size > 0 && memchr(padding, at[size], sizeof padding) != NULL;
    return padded ? aligned : size;
}

/* Put a jump to `target` at the start of a function of `size` bytes, which lies in a mapping; NULL: of any extent. */
static bool put_jump(uint8_t *at, size_t size, void *target, const uint8_t *mapping, size_t mapped)
{
#if defined(__x86_64__)
    uint8_t jump[14] = {0xff, 0x25, 0, 0, 0, 0}; /* jmp *0(%rip) */
    memcpy(jump + 6, &target, 8);
#elif defined(__aarch64__)
    uint8_t jump[16] = {0x50, 0, 0, 0x58, 0, 2, 0x1f, 0xd6}; /* ldr x16, 8; br x16 */
    memcpy(jump + 8, &target, 8);
#else
    uint8_t jump[1];
    return false;
#endif
    if (size < sizeof jump) {
        return false;
    }
    uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
    uintptr_t from = (uintptr_t)at & ~(page - 1), to = ((uintptr_t)at + sizeof jump + page - 1) & ~(page - 1);
    if (mapping != NULL) { /* the kernel's own can be changed as a whole alone */
        from = (uintptr_t)mapping;
        to = from + ((mapped + page - 1) & ~(page - 1));
    }
    bool writable = from >= writable_code.from && to <= writable_code.to;
    if (!writable && !protect(from, to, PROT_READ | PROT_WRITE | PROT_EXEC)) {
        return false;
    }
    memcpy(at, jump, sizeof jump);
    __builtin___clear_cache((char *)at, (char *)at + sizeof jump);
    if (!writable) {
        protect(from, to, PROT_READ | PROT_EXEC);
    }
    return true;
}

static const struct link_map *map_of(void *library)
{
    struct link_map *map = NULL;
    return dlinfo(library, RTLD_DI_LINKMAP, &map) == 0 ? map : NULL;
}

/* The size of a function, by its name in the library's hash table; 0 where it isn't there. dladdr() looks at all names. */
static size_t size_by_name(void *library, const char *name, const uint8_t *at)
{
    const struct link_map *map = map_of(library);
    const ElfW(Sym) *symbols = NULL;
    const char *names = NULL;
    const uint32_t *table = NULL;
    for (const ElfW(Dyn) *each = map != NULL ? map->l_ld : NULL; each != NULL && each->d_tag != DT_NULL; each++) {
        const void *where = (const void *)each->d_un.d_ptr;
        symbols = each->d_tag == DT_SYMTAB ? where : symbols;
        names = each->d_tag == DT_STRTAB ? where : names;
        table = each->d_tag == DT_GNU_HASH ? where : table;
    }
    if (symbols == NULL || names == NULL || table == NULL) {
        return 0;
    }
    uint32_t hash = 5381, count = table[0], first = table[1];
    for (const char *p = name; *p; p++) {
        hash = hash * 33 + (uint8_t)*p;
    }
    const uint32_t *buckets = table + 4 + table[2] * (sizeof(ElfW(Addr)) / sizeof *table), *chains = buckets + count;
    for (uint32_t i = buckets[hash % count]; i >= first; i++) { /* the lowest bit marks the last of a chain */
        const ElfW(Sym) *symbol = &symbols[i];
        if ((chains[i - first] | 1) == (hash | 1) && ELF64_ST_TYPE(symbol->st_info) == STT_FUNC &&
            map->l_addr + symbol->st_value == (uintptr_t)at && strcmp(names + symbol->st_name, name) == 0) {
            return symbol->st_size;
        }
        if (chains[i - first] & 1) {
            break;
        }
    }
    return 0;
}

static size_t size_of_function(void *library, const char *name, uint8_t *at)
{
    Dl_info info;
    ElfW(Sym) *symbol = NULL;
    size_t size = size_by_name(library, name, at);
    if (size == 0 && dladdr1(at, &info, (void **)&symbol, RTLD_DL_SYMENT) != 0 && symbol != NULL &&
        ELF64_ST_TYPE(symbol->st_info) == STT_FUNC) {
        size = symbol->st_size;
    }
    return size;
}

static bool replace_function(void *libc, const char *name, void *target)
{
    uint8_t *at = dlsym(libc, name);
    size_t size = at != NULL ? size_of_function(libc, name, at) : 0;
    return size > 0 && put_jump(at, room_of_function(at, size), target, NULL, 0);
}

typedef struct {
    uintptr_t base;
    Extent code;
} CodeOf;

static int find_code(struct dl_phdr_info *info, size_t size, void *wanted)
{
    CodeOf *found = wanted;
    uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
    for (int i = 0; i < info->dlpi_phnum && info->dlpi_addr == found->base; i++) {
        const ElfW(Phdr) *part = &info->dlpi_phdr[i];
        if (part->p_type == PT_LOAD && part->p_flags & PF_X) {
            uintptr_t from = info->dlpi_addr + part->p_vaddr;
            found->code = (Extent){from & ~(page - 1), (from + part->p_memsz + page - 1) & ~(page - 1)};
            return 1;
        }
    }
    return 0;
}

/* Many functions of a library are going to be replaced. */
static void begin_replacing(void *library)
{
    const struct link_map *map = map_of(library);
    CodeOf found = {map != NULL ? map->l_addr : 0, {0, 0}};
    if (map != NULL && dl_iterate_phdr(find_code, &found) != 0 &&
        protect(found.code.from, found.code.to, PROT_READ | PROT_WRITE | PROT_EXEC)) {
        writable_code = found.code;
    }
}

static void end_replacing(void)
{
    if (writable_code.to != 0) {
        protect(writable_code.from, writable_code.to, PROT_READ | PROT_EXEC);
        writable_code = (Extent){0, 0};
    }
}
