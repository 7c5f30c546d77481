/* Proves the parts of the socket server that need no socket: the ring of transitions against a
 * plain list, filters, and that the method table is complete and docs/SOCKET.md printed from it.
 * DOC_WRITE=1 writes that page anew. */
#include "unit.h"

#include <string.h>

#include "serve/rpc.h"

static struct alert_key key(uint8_t severity, uint8_t venue, const char *asset, const char *rule)
{
    struct alert_key k = {.severity = severity, .venue = venue};
    snprintf(k.asset, sizeof(k.asset), "%s", asset);
    snprintf(k.rule, sizeof(k.rule), "%s", rule);
    return k;
}

START_TEST(filters)
{
    struct alert_filter all = {0},
                        f = {.floor = SEV_WARNING, .venues = 1u << 1, .n_assets = 1, .n_rules = 2};
    snprintf(f.assets[0], sizeof(f.assets[0]), "BTC");
    snprintf(f.rules[0], sizeof(f.rules[0]), "a");
    snprintf(f.rules[1], sizeof(f.rules[1]), "b");
    const struct {
        struct alert_key k;
        bool passes;
    } rows[] = {
        {key(SEV_WARNING, 1, "BTC", "b"), true},    {key(SEV_CRITICAL, 1, "BTC", "a"), true},
        {key(SEV_INFO, 1, "BTC", "a"), false},      {key(SEV_WARNING, 0, "BTC", "a"), false},
        {key(SEV_WARNING, 255, "BTC", "a"), false}, {key(SEV_WARNING, 1, "ETH", "a"), false},
        {key(SEV_WARNING, 1, "", "a"), false},      {key(SEV_WARNING, 1, "BTC", "c"), false},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        ck_assert_msg(filter_passes(&f, &rows[i].k) == rows[i].passes, "row %zu", i);
        ck_assert(filter_passes(&all, &rows[i].k));
    }
}
END_TEST

/* The same transitions in a plain array: what the ring keeps, and what has been replaced, must
 * agree. */
#define N   5000
#define CAP 64
static uint32_t ids[N + 1];
static uint8_t sev[N + 1];

static bool replaced_slowly(uint64_t n, uint64_t last, uint8_t floor)
{
    for (uint64_t m = n + 1; m <= last; m++)
        if (ids[m] == ids[n] && sev[m] >= floor)
            return true;
    return false;
}

static void compare(const struct history *h, uint64_t last)
{
    struct alert_filter f = {.floor = SEV_WARNING};
    uint64_t first = last > CAP ? last - CAP + 1 : 1;
    ck_assert_uint_eq(h->first_n, first);
    ck_assert_uint_eq(h->last_n, last);
    ck_assert_ptr_null(history_get(h, first - 1));
    ck_assert_ptr_null(history_get(h, last + 1));
    for (uint64_t n = first; n <= last; n++) {
        const struct history_entry *e = history_get(h, n);
        char want[16];
        snprintf(want, sizeof(want), "t%d", (int)n);
        ck_assert_uint_eq(e->n, n);
        ck_assert_str_eq(e->text, want);
        ck_assert_int_eq(history_replaced(h, e, &f), replaced_slowly(n, last, SEV_WARNING));
    }
}

START_TEST(ring_against_a_list)
{
    struct history h;
    uint64_t x = 88172645463325252ULL;
    ck_assert_int_eq(history_init(&h, CAP, 0), 0);
    for (uint64_t n = 1; n <= N; n++) {
        char text[16];
        x ^= x << 13, x ^= x >> 7, x ^= x << 17;
        ids[n] = (uint32_t)(x % 40) * 32; /* many share a bucket */
        sev[n] = (uint8_t)(1 + x / 64 % 3);
        struct alert_key k = key(sev[n], 255, "", "r");
        snprintf(text, sizeof(text), "t%d", (int)n);
        history_put(&h, n, ids[n], &k, slice_of(text));
        history_publish(&h, n);
        if (n < 200 || n % 97 == 0)
            compare(&h, n);
    }
    history_fini(&h);
}
END_TEST

/* A ring that starts late, and transitions that nobody told it of. */
START_TEST(ring_with_holes)
{
    struct history h;
    struct alert_key k = key(SEV_INFO, 0, "", "r");
    ck_assert_int_eq(history_init(&h, 16, 100), 0);
    ck_assert_uint_eq(h.first_n, 101);
    ck_assert_ptr_null(history_get(&h, 100));
    history_put(&h, 101, 1, &k, SLICE("a"));
    history_put(&h, 102, 2, &k, SLICE("b"));
    history_publish(&h, 102);
    ck_assert_ptr_nonnull(history_get(&h, 101));
    history_put(&h, 110, 1, &k, SLICE("c"));
    history_publish(&h, 110);
    ck_assert_ptr_null(history_get(&h, 101));
    ck_assert_ptr_null(history_get(&h, 109));
    ck_assert_str_eq(history_get(&h, 110)->text, "c");
    history_put(&h, 111, 3, &k, (struct slice){NULL, 0}); /* its text did not fit */
    history_publish(&h, 111);
    ck_assert_ptr_null(history_get(&h, 111)->text);
    ck_assert_uint_eq(h.lost, 1);
    history_fini(&h);
}
END_TEST

START_TEST(table_is_complete)
{
    for (int i = 0; i < n_rpc_methods; i++) {
        const struct rpc_method *m = &rpc_methods[i];
        ck_assert(m->fn && m->help && m->result);
        for (int k = 0; k < i; k++)
            ck_assert_str_ne(rpc_methods[k].name, m->name);
        for (int p = 0; p < RPC_PARAMS_MAX && m->params[p].name; p++)
            ck_assert_ptr_nonnull(m->params[p].help);
    }
    for (int e = RPC_PARSE; e < RPC_ERRS; e++) {
        ck_assert(rpc_errors[e].code < 0 && rpc_errors[e].name && rpc_errors[e].help);
        for (int k = RPC_PARSE; k < e; k++)
            ck_assert_int_ne(rpc_errors[k].code, rpc_errors[e].code);
    }
}
END_TEST

START_TEST(docs_are_the_table)
{
    static char want[1 << 17], got[1 << 17], path[512];
    const char *root = getenv("ROOT");
    struct text t;
    text_init(&t, want, sizeof(want));
    serve_doc(&t);
    ck_assert(!t.full);
    for (int i = 0; i < n_rpc_methods; i++)
        ck_assert_ptr_nonnull(strstr(want, rpc_methods[i].name));
    snprintf(path, sizeof(path), "%s/docs/SOCKET.md", root ? root : ".");
    FILE *f = fopen(path, getenv("DOC_WRITE") ? "w+" : "r");
    ck_assert_msg(f != NULL, "%s is missing", path);
    if (getenv("DOC_WRITE")) {
        fwrite(want, 1, t.len, f);
        rewind(f);
    }
    got[fread(got, 1, sizeof(got) - 1, f)] = 0;
    fclose(f);
    ck_assert_msg(strcmp(want, got) == 0,
                  "docs/SOCKET.md differs from the table: DOC_WRITE=1 writes it anew");
}
END_TEST

UNIT_MAIN("rpc", tcase_add_test(tc, filters); tcase_add_test(tc, ring_against_a_list);
          tcase_add_test(tc, ring_with_holes); tcase_add_test(tc, table_is_complete);
          tcase_add_test(tc, docs_are_the_table);)
