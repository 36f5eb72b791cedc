/* Secrets: texts that are not recorded. A text is one by the name under which it is kept (password, api_key ...), by its
 * own shape (a private key, a provider's token, a password in a URL), or because one that was met before is its content
 * or stands in it. What is written instead is V_REDACTED. Keys and elements of sets are always recorded: they tell entries apart. */
#include "recorder.h"
#include "hashing.h"

#include <fnmatch.h>

#define SECRET_NAMES 64        /* given by the user                                              */
#define NAME_VERDICTS 4096     /* direct mapped, by hash                                         */
#define KNOWN_SECRETS 1024     /* direct mapped, by content                                      */
#define SHORTEST_KNOWN 6       /* characters; what is shorter is a secret only where its name says so */
#define SHORTEST_TOKEN 16      /* characters of what is a secret only if it looks like one       */
#define LONGEST_NAME 64
#define SEARCHED_SECRETS 16    /* the latest, for which longer texts are searched                */
#define SHORTEST_SEARCHED 8
#define LONGEST_SEARCHED 256   /* of a longer one, its beginning                                   */

enum { NAME_UNKNOWN, NAME_HARMLESS, NAME_SECRET, NAME_OF_TOKEN };

static bool redacting;
static char *secret_names[SECRET_NAMES];
static int secret_name_count;
static struct { uint64_t hash; uint8_t verdict; } name_verdicts[NAME_VERDICTS];
static uint64_t known_secrets[KNOWN_SECRETS];
static bool any_known_secret;
static struct { size_t size; char bytes[LONGEST_SEARCHED]; } searched_secrets[SEARCHED_SECRETS];
static size_t next_searched;

static void forget_secrets(void)
{
    memset(name_verdicts, 0, sizeof name_verdicts);
    memset(known_secrets, 0, sizeof known_secrets);
    memset(searched_secrets, 0, sizeof searched_secrets);
    any_known_secret = false;
}

/* ---- names ---- */

/* The words of a name in lower case, each with an underscore before and behind it: "_db_password_". False where it
 * is too long, or not ASCII. */
static bool words_of(PyObject *name, char *out)
{
    Py_ssize_t length = PyUnicode_GET_LENGTH(name);
    if (length == 0 || length > LONGEST_NAME || !PyUnicode_IS_ASCII(name)) {
        return false;
    }
    const char *text = PyUnicode_DATA(name);
    char *p = out;
    *p++ = '_';
    for (Py_ssize_t i = 0; i < length; i++) {
        unsigned char c = (unsigned char)text[i];
        bool upper = c >= 'A' && c <= 'Z', lower = c >= 'a' && c <= 'z';
        bool after_lower = i > 0 && text[i - 1] >= 'a' && text[i - 1] <= 'z';
        if (upper && after_lower) {
            *p++ = '_';
        }
        if (upper || lower) {
            *p++ = (char)(upper ? c + 32 : c);
        }
        else if (p[-1] != '_') {
            *p++ = '_';
        }
    }
    if (p[-1] != '_') {
        *p++ = '_';
    }
    *p = 0;
    return true;
}

static bool ends_with(const char *text, const char *end)
{
    size_t length = strlen(text), size = strlen(end);
    return length >= size && memcmp(text + length - size, end, size) == 0;
}

static uint8_t judge_name(PyObject *name)
{
    static const char *const anywhere[] = {"_password_", "_passwd_", "_passphrase_", "_passcode_"};
    static const char *const at_end[] = {"_secret_",      "_apikey_",       "_api_key_",     "_access_key_",
                                         "_private_key_", "_secret_key_",   "_signing_key_", "_encryption_key_",
                                         "_auth_key_",    "_authorization_", "_credential_", "_credentials_"};
    static const char *const of_tokens[] = {"_token_", "_cookie_", "_session_id_", "_sessionid_", "_bearer_"};
    char words[2 * LONGEST_NAME + 3];
    if (!words_of(name, words)) {
        return NAME_HARMLESS;
    }
    for (int i = 0; i < secret_name_count; i++) {
        if (fnmatch(secret_names[i], PyUnicode_DATA(name), 0) == 0) {
            return NAME_SECRET;
        }
    }
    for (size_t i = 0; i < sizeof anywhere / sizeof *anywhere; i++) {
        if (strstr(words, anywhere[i]) != NULL) {
            return NAME_SECRET;
        }
    }
    for (size_t i = 0; i < sizeof at_end / sizeof *at_end; i++) {
        if (ends_with(words, at_end[i])) {
            return NAME_SECRET;
        }
    }
    for (size_t i = 0; i < sizeof of_tokens / sizeof *of_tokens; i++) {
        if (ends_with(words, of_tokens[i])) {
            return NAME_OF_TOKEN;
        }
    }
    return NAME_HARMLESS;
}

static uint8_t name_verdict(PyObject *name)
{
    uint64_t hash = (uint64_t)((PyASCIIObject *)name)->hash; /* CPython's own, which names nearly always have */
    if (UNLIKELY(hash == UINT64_MAX)) {
        hash = hash_text(name, PyUnicode_GET_LENGTH(name) <= LONGEST_NAME ? PyUnicode_GET_LENGTH(name) : 0);
    }
    size_t place = hash & (NAME_VERDICTS - 1);
    if (name_verdicts[place].hash != hash || name_verdicts[place].verdict == NAME_UNKNOWN) {
        name_verdicts[place].hash = hash;
        name_verdicts[place].verdict = judge_name(name);
    }
    return name_verdicts[place].verdict;
}

/* ---- contents ---- */

/* The bytes of a str in ASCII, or of bytes; NULL for anything else. */
static const char *plain_bytes(PyObject *value, size_t *size)
{
    if (PyUnicode_CheckExact(value) && PyUnicode_IS_ASCII(value)) {
        *size = (size_t)PyUnicode_GET_LENGTH(value);
        return PyUnicode_DATA(value);
    }
    if (PyBytes_CheckExact(value)) {
        *size = (size_t)PyBytes_GET_SIZE(value);
        return PyBytes_AS_STRING(value);
    }
    return NULL;
}

static bool begins_with(const char *bytes, size_t size, const char *start)
{
    size_t length = strlen(start);
    return size >= length && memcmp(bytes, start, length) == 0;
}

static size_t token_length(const char *bytes, size_t size)
{
    size_t count = 0;
    while (count < size && ((bytes[count] >= 'a' && bytes[count] <= 'z') || (bytes[count] >= 'A' && bytes[count] <= 'Z') ||
                            (bytes[count] >= '0' && bytes[count] <= '9') || memchr("_-.~+/=", bytes[count], 7) != NULL)) {
        count++;
    }
    return count;
}

/* scheme://user:password@host */
static bool has_password_in_url(const char *bytes, size_t size)
{
    size_t window = size < 24 ? size : 24;
    const char *colon = memchr(bytes, ':', window);
    if (colon == NULL || (size_t)(colon - bytes) + 3 >= size || colon[1] != '/' || colon[2] != '/') {
        return false;
    }
    const char *user = colon + 3, *end = bytes + (size < 512 ? size : 512), *p = user, *second = NULL;
    for (; p < end && *p != '/' && *p != '?' && *p != '#' && *p != ' '; p++) {
        if (*p == ':' && second == NULL) {
            second = p;
        }
        if (*p == '@') {
            return second != NULL && p > second + 1;
        }
    }
    return false;
}

static bool looks_secret(const char *bytes, size_t size)
{
    if (size < SHORTEST_TOKEN) {
        return has_password_in_url(bytes, size);
    }
    bool whole = false;
    switch (bytes[0]) {
    case 'A':
        whole = size == 20 && (begins_with(bytes, size, "AKIA") || begins_with(bytes, size, "ASIA"));
        break;
    case 'B':
        return (begins_with(bytes, size, "Bearer ") && token_length(bytes + 7, size - 7) >= SHORTEST_TOKEN) ||
               (begins_with(bytes, size, "Basic ") && token_length(bytes + 6, size - 6) == size - 6);
    case 'e':
        whole = begins_with(bytes, size, "eyJ") && size >= 40 && memchr(bytes, '.', size) != NULL;
        break;
    case 'g':
        whole = size >= 20 && (begins_with(bytes, size, "ghp_") || begins_with(bytes, size, "gho_") || begins_with(bytes, size, "ghu_") ||
                               begins_with(bytes, size, "ghs_") || begins_with(bytes, size, "ghr_") ||
                               begins_with(bytes, size, "github_pat_") || begins_with(bytes, size, "glpat-"));
        break;
    case 's':
        whole = size >= 24 && (begins_with(bytes, size, "sk-") || begins_with(bytes, size, "sk_live_") || begins_with(bytes, size, "sk_test_"));
        break;
    case 'x':
        whole = begins_with(bytes, size, "xox") && bytes[4] == '-';
        break;
    case '-':
        if (begins_with(bytes, size, "-----BEGIN ")) {
            size_t window = size < 64 ? size : 64;
            return memmem(bytes, window, "PRIVATE KEY-----", 16) != NULL;
        }
        break;
    default:
        break;
    }
    return (whole && token_length(bytes, size) == size) || has_password_in_url(bytes, size);
}

static uint64_t secret_hash(const char *bytes, size_t size) { return hash_bytes(bytes, size < 256 ? size : 256, (uint64_t)size) | 1; }

static void note_secret(const char *bytes, size_t size)
{
    if (size < SHORTEST_KNOWN) {
        return;
    }
    uint64_t hash = secret_hash(bytes, size), *known = &known_secrets[hash >> 1 & (KNOWN_SECRETS - 1)];
    if (*known == hash) {
        return;
    }
    *known = hash;
    any_known_secret = true;
    if (size >= SHORTEST_SEARCHED) {
        size_t place = next_searched++ % SEARCHED_SECRETS;
        size = size < LONGEST_SEARCHED ? size : LONGEST_SEARCHED;
        searched_secrets[place].size = size;
        memcpy(searched_secrets[place].bytes, bytes, size);
    }
}

static bool holds_secret(const char *bytes, size_t size)
{
    for (size_t i = 0; i < SEARCHED_SECRETS && searched_secrets[i].size > 0; i++) {
        if (searched_secrets[i].size < size && memmem(bytes, size, searched_secrets[i].bytes, searched_secrets[i].size) != NULL) {
            return true;
        }
    }
    return false;
}

static bool is_known_secret(const char *bytes, size_t size)
{
    uint64_t hash = secret_hash(bytes, size);
    return known_secrets[hash >> 1 & (KNOWN_SECRETS - 1)] == hash;
}

/* Whether a text is a secret whatever it is called. */
static inline bool is_secret_text(PyObject *text)
{
    size_t size;
    const char *bytes;
    if (!redacting || (bytes = plain_bytes(text, &size)) == NULL || size < SHORTEST_KNOWN) {
        return false;
    }
    size_t kept = size < (size_t)R.max_string ? size : (size_t)R.max_string;
    if (UNLIKELY(looks_secret(bytes, size))) {
        note_secret(bytes, size);
        return true;
    }
    return any_known_secret && (is_known_secret(bytes, size) || holds_secret(bytes, kept));
}

/* Whether a value is a secret because of its name. */
static bool is_named_secret(PyObject *name, PyObject *value)
{
    size_t size;
    const char *bytes;
    if (!PyUnicode_CheckExact(name) || (bytes = plain_bytes(value, &size)) == NULL || size == 0) {
        return false;
    }
    uint8_t verdict = name_verdict(name);
    bool secret = verdict == NAME_SECRET || (verdict == NAME_OF_TOKEN && size >= SHORTEST_TOKEN && token_length(bytes, size) == size);
    if (secret) {
        note_secret(bytes, size);
    }
    return secret;
}
