/* Numbers on any bytes. Taken as text: num_parse takes exactly JSON's grammar (checked by a regular
 * expression) and gives the bits of strtod in the C locale; num_parse_i64 agrees with strtoll.
 * Taken as eight bytes of a double: num_print gives the first of %.15g %.16g %.17g that reads back
 * equal. */
#include <assert.h>
#include <errno.h>
#include <math.h>
#include <regex.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/num.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* s has no NUL inside and no newline (the caller has looked). */
static bool is_number(const char *s, const char *expr)
{
    static regex_t all, integer;
    static bool ready;
    if (!ready) {
        int rc = regcomp(&all, "^-?(0|[1-9][0-9]*)(\\.[0-9]+)?([eE][-+]?[0-9]+)?$",
                         REG_EXTENDED | REG_NOSUB);
        rc |= regcomp(&integer, "^-?(0|[1-9][0-9]*)$", REG_EXTENDED | REG_NOSUB);
        assert(rc == 0);
        ready = true;
    }
    return regexec(*expr == 'i' ? &integer : &all, s, 0, NULL, 0) == 0;
}

static void check_text(const char *exact, const char *s, size_t size)
{
    double x = 77;
    int64_t i = 77;
    int rc = num_parse(exact, size, &x), irc = num_parse_i64(exact, size, &i);
    if (strlen(s) != size || strchr(s, '\n')) {
        assert(rc == E_SYNTAX && irc == E_SYNTAX);
        return;
    }
    double want = strtod(s, NULL);
    int want_rc = !is_number(s, "all") ? E_SYNTAX : isinf(want) ? E_RANGE : 0;
    assert(rc == want_rc);
    assert(rc == 0 ? memcmp(&x, &want, sizeof x) == 0 : x == 77);
    errno = 0;
    long long iwant = strtoll(s, NULL, 10);
    want_rc = !is_number(s, "integer") ? E_SYNTAX : errno == ERANGE ? E_RANGE : 0;
    assert(irc == want_rc);
    assert(i == (irc == 0 ? iwant : 77));
}

static void check_print(const uint8_t *data)
{
    double x, back = 0;
    memcpy(&x, data, sizeof x);
    char got[NUM_PRINT_MAX], want[64];
    size_t n = num_print(got, x);
    assert(n == strlen(got));
    if (!isfinite(x)) {
        assert(strcmp(got, "null") == 0);
        return;
    }
    for (int prec = 15; prec <= 17; prec++) {
        snprintf(want, sizeof want, "%.*g", prec, x);
        if (strtod(want, NULL) == x)
            break;
    }
    assert(strcmp(got, want) == 0);
    int rc = num_parse(got, n, &back);
    assert(rc == 0 && memcmp(&x, &back, sizeof x) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *s = malloc(size + 1);
    assert(s);
    if (size)
        memcpy(s, data, size);
    s[size] = 0;
    check_text((const char *)data, s, size);
    for (size_t at = 0; at + 8 <= size; at += 8)
        check_print(data + at);
    free(s);
    return 0;
}
