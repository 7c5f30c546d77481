/* Proves that every bad line of a configuration is named with file, line and key, that what -p
 * prints reads back to the same configuration, that passwords are not printed, and that the sample
 * file and docs/CONFIG.md are what the key table says. CONF_WRITE=1 writes those two anew. */
#include "unit.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "conf_priv.h"

static char buf_a[1 << 19], buf_b[1 << 19];
static struct conf_errors errs;

static struct text printed(const struct conf *c, char *buf)
{
    struct text t;
    text_init(&t, buf, sizeof(buf_a));
    conf_print(c, &t);
    ck_assert(!t.full);
    return t;
}

static int parse(struct conf *c, const char *s)
{
    memset(&errs, 0, sizeof(errs));
    return conf_parse(c, s, strlen(s), "x.conf", &errs);
}

static void no_errors(int result)
{
    if (result != 0)
        ck_abort_msg("line %d, %s: %s", errs.e[0].line, errs.e[0].key, errs.e[0].text);
    ck_assert_int_eq(errs.n, 0);
}

START_TEST(defaults)
{
    struct conf *c = conf_new();
    ck_assert_uint_eq(c->engine.top_n, 50);
    ck_assert_uint_eq(c->engine.max_assets, 64);
    ck_assert_uint_eq(c->engine.leave_after_s, 6 * 3600);
    ck_assert_uint_eq(c->socket_mode, 0660);
    ck_assert_str_eq(c->socket_path, "/run/cascaded/alerts.sock");
    ck_assert_str_eq(c->rules_file, "rules.conf");
    ck_assert_uint_eq(c->engine.venues, (1u << n_venues) - 1);
    ck_assert_uint_eq(c->engine.segments[1], 1);
    ck_assert(c->engine.coarse_books && c->venue[0].enabled && !c->venue[0].deflate);
    conf_free(c);
}
END_TEST

static const char full[] = "\xef\xbb\xbf; comment\r\n"
                           "[cascaded]\r\n"
                           "log_level = debug ; and why\r\n"
                           "rules_file = /etc/r.conf\n"
                           "[universe]\n"
                           "assets = BTC, ETH\n"
                           "assets = SOL\n"
                           "coarse_books = no\n"
                           "[venue binance]\n"
                           "rest_url = https://127.0.0.1:8443\n"
                           "address = ::1\n"
                           "segments = 3\n"
                           "[venue hyperliquid]\n"
                           "enabled = off\n"
                           "[store]\n"
                           "database = host=/tmp dbname='a b' password='x\\' y' user=u\n"
                           "[serve]\n"
                           "socket_mode = 0600\n"
                           "socket_group =\n"
                           "# rules\n"
                           "[rule oi]\n"
                           "metric = m_asset.liq_1m_oi_frac\n"
                           "info = raise 1e9 clear 9.5e8 for 10\n"
                           "critical = raise 2e9 clear 1.9e9\n"
                           "keep_s = 60\n"
                           "fast = yes\n"
                           "assets = BTC\n"
                           "assets = ETH, SOL\n"
                           "summary = {asset}: {value} = too much\n"
                           "[rule thin]\n"
                           "metric = m_asset.depth_10bps_rel_frac\n"
                           "metric_typo_is_not_here = 1\n";

START_TEST(reads_every_type)
{
    struct conf *c = conf_new();
    char text[sizeof(full)];
    memcpy(text, full, sizeof(full));
    *strstr(text, "[rule thin]") = 0;
    no_errors(parse(c, text));
    ck_assert_str_eq(c->log_level, "debug");
    ck_assert_uint_eq(c->engine.top_n, 0);
    ck_assert_int_eq(c->engine.n_assets, 3);
    ck_assert_str_eq(c->engine.assets[2], "SOL");
    ck_assert_uint_eq(c->engine.venues, ((1u << n_venues) - 1) & ~2u); /* all but one */
    ck_assert_uint_eq(c->engine.segments[0], 3);
    ck_assert_str_eq(c->venue[0].address, "::1");
    ck_assert_str_eq(c->socket_group, "");
    ck_assert_int_eq(c->engine.n_rules, 1);
    const struct rule *r = &c->engine.rules[0];
    ck_assert_str_eq(r->name, "oi");
    ck_assert(r->fast && !r->below && r->keep_s == 60);
    ck_assert_uint_eq(r->level[0].severity, SEV_INFO);
    ck_assert_double_eq(r->level[0].clear, 9.5e8);
    ck_assert_uint_eq(r->level[1].severity, SEV_NONE);
    ck_assert_uint_eq(r->level[2].severity, SEV_CRITICAL);
    ck_assert_uint_eq(r->level[2].for_s, 0);
    ck_assert_str_eq(r->assets, "BTC,ETH,SOL");
    ck_assert_str_eq(r->summary, "{asset}: {value} = too much");
    conf_free(c);
}
END_TEST

/* name, then what the printed conf must not lose */
START_TEST(round_trip)
{
    struct conf *c = conf_new(), *d = conf_new();
    char text[sizeof(full) + 8192];
    struct text t;
    text_init(&t, text, sizeof(text));
    text_put(&t, full, (size_t)(strstr(full, "[rule thin]") - full));
    text_str(&t, "[rule many]\nmetric = m_feed.feed_age_s\nbelow = yes\nabsolute = yes\n"
                 "warning = raise -0.1 clear 1e-7 for 86400\n");
    for (int i = 0; i < 12; i++)
        text_fmt(&t, "assets = LONGNAMEOFANASSET%d\n", i);
    text_str(&t, "[aliases]\n*:XBT = BTC x 1\nbinance:1000PEPE = PEPE x 1000\nhyperliquid:xyz:A = "
                 "A x 0.5\n");
    no_errors(parse(c, text));
    ck_assert_int_eq(c->engine.n_aliases, 3);
    ck_assert_str_eq(c->aliases[2].base, "xyz:A");
    memset(c->db_conninfo, 0, sizeof(c->db_conninfo)); /* its password is not printed: see masks */
    struct text a = printed(c, buf_a);
    no_errors(parse(d, buf_a));
    c->engine.rules = d->engine.rules;
    c->engine.aliases = d->engine.aliases;
    ck_assert_int_eq(memcmp(c, d, sizeof(*c)), 0);
    struct text b = printed(d, buf_b);
    ck_assert_uint_eq(a.len, b.len);
    ck_assert_str_eq(buf_a, buf_b);
    conf_free(c);
    conf_free(d);
}
END_TEST

/* 64 names of the greatest length: more than a line, so they go over several. */
START_TEST(round_trip_of_long_lists)
{
    struct conf *c = conf_new(), *d = conf_new();
    c->engine.top_n = 0;
    c->engine.n_assets = 64;
    for (int i = 0; i < 64; i++)
        snprintf(c->engine.assets[i], sizeof(c->engine.assets[i]), "ABCDEFGHIJKLMNOPQRST%03d", i);
    printed(c, buf_a);
    for (const char *p = buf_a; *p; p += strcspn(p, "\n") + 1)
        ck_assert_uint_le(strcspn(p, "\n"), CONF_LINE_MAX);
    no_errors(parse(d, buf_a));
    ck_assert_int_eq(memcmp(c->engine.assets, d->engine.assets, sizeof(c->engine.assets)), 0);
    conf_free(c);
    conf_free(d);
}
END_TEST

START_TEST(masks)
{
    static const char *const rows[][2] = {
        {"host=/tmp dbname=x user=u password=geheim", "host=/tmp dbname=x user=u"},
        {"password='a b\\' c' host=h", "host=h"},
        {"password = geheim  host = h", "host = h"},
        {"sslpassword=geheim host=h passfile=/f", "host=h passfile=/f"},
        {"postgresql://u:geheim@h:5432/db?sslmode=require",
         "postgresql://u@h:5432/db?sslmode=require"},
        {"postgres://u@h/db?password=geheim&sslmode=require", "postgres://u@h/db?sslmode=require"},
        {"postgresql://h/db?a=b&password=geheim", "postgresql://h/db?a=b"},
        {"postgresql:///db", "postgresql:///db"},
        {"password=geheim\\ mehr host=h", "host=h"},
        {"password='geheim", ""},
        {"", ""},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char out[256];
        struct text t;
        text_init(&t, out, sizeof(out));
        conf_mask(rows[i][0], &t);
        ck_assert_str_eq(out, rows[i][1]);
    }
    struct conf *c = conf_new();
    snprintf(c->db_conninfo, sizeof(c->db_conninfo), "%s", rows[0][0]);
    printed(c, buf_a);
    ck_assert_ptr_null(strstr(buf_a, "geheim"));
    ck_assert_ptr_nonnull(strstr(buf_a, "database = host=/tmp dbname=x user=u\n"));
    conf_free(c);
}
END_TEST

struct bad {
    const char *text;
    int line;
    const char *key, *says;
};

static const struct bad bads[] = {
    {"[cascaded]\nlog_levl = info\n", 2, "log_levl", "did you mean \"log_level\"?"},
    {"[cascaded]\nzzz = 1\n", 2, "zzz", "unknown key"},
    {"[univers]\nassets = top:1\n", 1, "univers", "did you mean \"universe\"?"},
    {"[store\ndatabase = x\n", 1, "", "section header lacks its ]"},
    {"x = 1\n", 1, "x", "before the first section"},
    {"[store]\n[store]\n", 2, "store", "stands twice"},
    {"[venue binance]\n[venue binance]\n", 2, "binance", "stands twice"},
    {"[venue binanse]\n", 1, "binanse", "did you mean \"binance\"?"},
    {"[store]\nflush_ms = 100\nflush_ms = 100\n", 3, "flush_ms", "stands twice"},
    {"[store]\nflush_ms = 100 200\n", 2, "flush_ms", "whole number from 20 to 60000"},
    {"[store]\nflush_ms = 0x20\n", 2, "flush_ms", "whole number"},
    {"[store]\nflush_ms = -1\n", 2, "flush_ms", "whole number"},
    {"[store]\nflush_ms = 99999999999999999999\n", 2, "flush_ms", "whole number"},
    {"[store]\nflush_ms = 1.5\n", 2, "flush_ms", "whole number"},
    {"[store]\nflush_ms =\n", 2, "flush_ms", "whole number"},
    {"[store]\nflush_ms\n", 2, "", "neither [section] nor key = value"},
    {"[store]\n= 5\n", 2, "", "key is empty"},
    {"[store]\n  flush_ms = 100\n", 2, "", "continuation"},
    {"[store]\ndatabase = a\n  b\n", 3, "", "continuation"},
    {"[serve]\nsocket_mode = 660\n", 2, "socket_mode", "octal"},
    {"[serve]\nsocket_mode = 0680\n", 2, "socket_mode", "octal"},
    {"[serve]\nsocket_mode = 0111\n", 2, "socket_mode", "octal"},
    {"[serve]\nsocket_mode = 0\n", 2, "socket_mode", "octal"},
    {"[universe]\nassets = top:0\n", 2, "assets", "top:1 to top:256"},
    {"[universe]\nassets = top:5x\n", 2, "assets", "top:1 to top:256"},
    {"[universe]\nassets = BTC,,ETH\n", 2, "assets", "empty item"},
    {"[universe]\nassets =\n", 2, "assets", "names no asset"},
    {"[universe]\nassets = BTC\nassets = top:5\n", 3, "assets", "mixes"},
    {"[universe]\nassets = top:50\nmax_assets = 20\n", 3, "max_assets", "less than the assets"},
    {"[universe]\nassets = top:50\nleave_rank = 20\n", 3, "leave_rank", "better than the rank"},
    {"[universe]\ncoarse_books = maybe\n", 2, "coarse_books", "yes or no"},
    {"[venue binance]\naddress = localhost\n", 2, "address", "IP address"},
    {"[venue binance]\nrest_url = ftp://x\n", 2, "rest_url", "https://,http://"},
    {"[venue binance]\nurl_nosuch = wss://x\n", 2, "url_nosuch", "unknown key"},
    {"[venue binance]\nsegments = 256\n", 2, "segments", "1 to 255"},
    {"[cascaded]\nlog_level = loud\n", 2, "log_level", "one of error,warning"},
    {"[serve]\nclient_hard_kb = 64\n", 2, "client_hard_kb", "below twice client_soft_kb"},
    {"[rule a b]\nmetric = x\n", 1, "a b", "letters, digits"},
    {"[rule a]\ninfo = raise 1 clear 0\n", 1, "a", "names no metric"},
    {"[rule a]\nmetric = m_asset.oi_usd\n", 1, "a", "none of info, warning, critical"},
    {"[rule a]\nmetric = m_asset.oi_us\ninfo = raise 1 clear 0\n", 1, "m_asset.oi_us",
     "unknown metric"},
    {"[rule a]\nmetric = oi_cov_frc\ninfo = raise 1 clear 0\n", 1, "oi_cov_frc",
     "did you mean \"oi_cov_frac\"?"},
    {"[rule a]\nmetric = oi_usd\ninfo = raise 1 clear 0\n", 1, "oi_usd",
     "name one, as in m_asset.oi_usd"},
    {"[rule a]\nmetric = m_asset.oi_usd\ninfo = raise 1 clear 2\n", 1, "a", "wrong side"},
    {"[rule a]\nmetric = m_asset.oi_usd\nbelow = yes\ninfo = raise 2 clear 1\n", 1, "a",
     "wrong side"},
    {"[rule a]\nmetric = m_asset.oi_usd\ninfo = raise 2 clear 1\ncritical = raise 1 clear 1\n", 1,
     "a", "critical is reached before info"},
    {"[rule a]\nmetric = m_asset.oi_usd\ninfo = raise 2 clear 1 for 1.5\n", 3, "info",
     "raise X clear Y"},
    {"[rule a]\nmetric = m_asset.oi_usd\ninfo = 2\n", 3, "info", "raise X clear Y"},
    {"[rule a]\nmetric = m_asset.oi_usd\ninfo = raise nan clear 1\n", 3, "info", "raise X clear Y"},
    {"[rule a]\nmetric = m_asset.oi_usd\ninfo = raise 2 clear 1 for 10 s\n", 3, "info",
     "raise X clear Y"},
    {"[rule a]\nmetric = m_asset.oi_usd\ninfo = raise 2 clear 1\n[rule a]\n", 4, "a",
     "stands twice"},
    {"[rule a]\nmetric = m_asset.oi_usd\ninfo = raise 2 clear 1\nvenues = nowhere\n", 1, "a",
     "nowhere"},
    {"[rule a]\nmetric = m_asset.oi_usd\ninfo = raise 2 clear 1\nsummary = {nothing}\n", 1, "a",
     "nothing"},
    {"[rule a]\nmetric = m_asset.oi_usd\ninfo = raise 2 clear 1\nfast = yes\n", 1, "a", "fast"},
    {"[aliases]\nnowhere:X = Y x 1\n", 2, "nowhere", "unknown venue"},
    {"[aliases]\nbinance:X = Y x 0\n", 2, "binance", "units above 0"},
    {"[aliases]\nbinance:X = Y\n", 2, "binance", "venue:CODE"},
    {"[aliases]\nbinance:X = Y x 1 z\n", 2, "binance", "venue:CODE"},
    {"[aliases]\nbinance = Y x 1\n", 2, "binance", "venue:CODE"},
    {"[aliases]\n*:X = Y x 1\n*:X = Z x 1\n", 3, "X", "stands twice"},
};

START_TEST(names_every_fault)
{
    const struct bad *b = &bads[_i];
    struct conf *c = conf_new();
    char said[600];
    ck_assert_int_eq(parse(c, b->text), E_SYNTAX);
    snprintf(said, sizeof(said), "line %d key \"%s\": %s", errs.e[0].line, errs.e[0].key,
             errs.e[0].text);
    ck_assert_msg(errs.e[0].line == b->line && strcmp(errs.e[0].key, b->key) == 0 &&
                      strstr(errs.e[0].text, b->says),
                  "of %s said %s", b->text, said);
    ck_assert_str_eq(errs.e[0].file, "x.conf");
    conf_free(c);
}
END_TEST

START_TEST(lists_all_faults_in_one_run)
{
    struct conf *c = conf_new();
    ck_assert_int_eq(parse(c, full), E_SYNTAX); /* [rule thin] has a wrong key and no level */
    ck_assert_int_eq(errs.n, 2);
    ck_assert_int_eq(
        parse(c, "[cascadet]\nlog_level = x\n[store]\nflush_ms = x\nmemory_mb = y\nfoo\n"),
        E_SYNTAX);
    ck_assert_int_eq(errs.n, 4); /* keys of an unknown section are not named one by one */
    static const int lines[] = {1, 4, 5, 6};
    for (int i = 0; i < 4; i++)
        ck_assert_int_eq(errs.e[i].line, lines[i]);
    conf_free(c);
}
END_TEST

START_TEST(counts_more_faults_than_it_keeps)
{
    struct conf *c = conf_new();
    char text[4096] = "[store]\n";
    for (int i = 0; i < 200; i++)
        strncat(text, "zzz = 1\n", sizeof(text) - strlen(text) - 1);
    ck_assert_int_eq(parse(c, text), E_SYNTAX);
    ck_assert_int_eq(errs.n, 200);
    ck_assert_int_eq(errs.e[CONF_ERRORS_MAX - 1].line, CONF_ERRORS_MAX + 1);
    conf_free(c);
}
END_TEST

START_TEST(long_lines_and_nul)
{
    struct conf *c = conf_new();
    char line[400] = "[store]\ndatabase = ";
    size_t head = strlen(line);
    memset(line + head, 'x', 190 - 11);
    memcpy(line + head + 190 - 11, "\n", 2);
    ck_assert_int_eq(parse(c, line),
                     E_SYNTAX); /* a line of 190: the value is beyond what -p could print */
    ck_assert_str_eq(errs.e[0].key, "database");
    memset(line + head, 'x', 150);
    memcpy(line + head + 150, "\n", 2);
    no_errors(parse(c, line));
    memset(line + head, 'x', 190 - 10);
    memcpy(line + head + 190 - 10, "\n", 2);
    ck_assert_int_eq(parse(c, line), E_SYNTAX);
    ck_assert_str_eq(errs.e[0].text, "line is longer than 190 bytes");
    memset(&errs, 0, sizeof(errs));
    ck_assert_int_eq(conf_parse(c,
                                "[store]\nflush_ms = 10\0"
                                "0\n",
                                24, "n.conf", &errs),
                     E_SYNTAX);
    ck_assert_int_eq(errs.e[0].line, 2);
    ck_assert_str_eq(errs.e[0].text, "line holds a NUL byte");
    conf_free(c);
}
END_TEST

static char dir[64];

static const char *put_file(const char *name, const char *text)
{
    static char path[160];
    snprintf(path, sizeof(path), "%s/%s", dir, name);
    FILE *f = fopen(path, "w");
    ck_assert_ptr_nonnull(f);
    ck_assert_int_ge(fputs(text, f), 0);
    fclose(f);
    return path;
}

static void make_dir(void)
{
    snprintf(dir, sizeof(dir), "/tmp/test_conf.XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(dir));
}

static void drop_dir(void)
{
    static const char *const names[] = {"c.conf", "r.conf", "assets.conf"};
    char path[160];
    for (int i = 0; i < 3; i++) {
        snprintf(path, sizeof(path), "%s/%s", dir, names[i]);
        unlink(path);
    }
    ck_assert_int_eq(rmdir(dir), 0);
}

START_TEST(loads_the_files_it_names)
{
    struct conf *c = conf_new();
    char want[160];
    make_dir();
    put_file("r.conf", "[oi]\nmetric = m_asset.oi_usd\nwarning = raise 2 clear 1 for 3\n"
                       "[rule fd]\nmetric = feed_age_s\ninfo = raise 2 clear 1\n");
    put_file("assets.conf", "[aliases]\n*:XBT = BTC x 1\nbybit:1000X = X x 1000\n");
    const char *path =
        put_file("c.conf", "[cascaded]\nrules_file = r.conf\ntiers_file =\nstate_dir = st\n");
    memset(&errs, 0, sizeof(errs));
    no_errors(conf_load(c, path, &errs));
    ck_assert_int_eq(c->engine.n_rules, 2);
    ck_assert_str_eq(c->engine.rules[1].name, "fd");
    ck_assert_int_eq(c->engine.n_aliases, 2);
    snprintf(want, sizeof(want), "%s/st", dir);
    ck_assert_str_eq(c->state_dir, want);
    snprintf(want, sizeof(want), "%s/assets.conf", dir); /* a default, relative to the file too */
    ck_assert_str_eq(c->assets_file, want);
    printed(c, buf_a);
    struct conf *d = conf_new();
    no_errors(conf_parse(d, buf_a, strlen(buf_a), "p", &errs));
    ck_assert_int_eq(d->engine.n_rules, 2);
    ck_assert_str_eq(d->rules_file, c->rules_file);
    conf_free(c);
    conf_free(d);
    drop_dir();
}
END_TEST

START_TEST(names_the_file_of_each_fault)
{
    struct conf *c = conf_new();
    char rules[160];
    make_dir();
    snprintf(
        rules, sizeof(rules), "%s",
        put_file("r.conf",
                 "[serve]\nmetric = m_asset.oi_usd\nclient_max = 3\ninfo = raise 2 clear 1\n"));
    const char *path = put_file(
        "c.conf",
        "[cascaded]\nrules_file = r.conf\ntiers_file = gone\n[venue binance]\nca_file = no.pem\n");
    memset(&errs, 0, sizeof(errs));
    ck_assert_int_eq(conf_load(c, path, &errs), E_SYNTAX);
    ck_assert_str_eq(errs.e[0].key, "assets_file"); /* missing by default */
    ck_assert_str_eq(errs.e[1].key, "tiers_file");
    ck_assert_int_eq(errs.e[1].line, 3);
    ck_assert_ptr_nonnull(strstr(errs.e[1].text, "/gone: No such file"));
    ck_assert_str_eq(errs.e[2].key, "ca_file");
    ck_assert_str_eq(errs.e[3].file, c->rules_file);
    ck_assert_int_eq(errs.e[3].line, 3);
    ck_assert_str_eq(errs.e[3].key, "client_max");
    conf_free(c);
    c = conf_new();
    memset(&errs, 0, sizeof(errs));
    ck_assert_int_eq(conf_load(c, "/nowhere/c.conf", &errs), E_SYNTAX);
    ck_assert_ptr_nonnull(strstr(errs.e[0].text, "No such file"));
    conf_free(c);
    unlink(rules);
    drop_dir();
}
END_TEST

/* Whatever bytes: no crash, and what was taken prints and reads back. */
START_TEST(wild_bytes)
{
    uint64_t x = 0x9e3779b97f4a7c15ULL;
    static char text[sizeof(full) + 1];
    for (int i = 0; i < 3000; i++) {
        memcpy(text, full, sizeof(full));
        for (int k = 0; k < 1 + i % 7; k++) {
            x ^= x << 13, x ^= x >> 7, x ^= x << 17;
            text[(x >> 16) % (sizeof(full) - 1)] = "\n\r\0 =:;[]#\x80"
                                                   "a9,\"\t"[(x >> 8) % 16];
        }
        struct conf *c = conf_new(), *d = conf_new();
        memset(&errs, 0, sizeof(errs));
        (void)!conf_parse(c, text, sizeof(full) - 1, "w", &errs);
        printed(c, buf_a);
        if (errs.n == 0)
            ck_assert_int_eq(conf_parse(d, buf_a, strlen(buf_a), "w2", &errs), 0);
        conf_free(c);
        conf_free(d);
    }
}
END_TEST

static void same_as_file(const char *name, const char *text)
{
    static char path[512];
    const char *root = getenv("ROOT");
    snprintf(path, sizeof(path), "%s/%s", root ? root : ".", name);
    FILE *f = fopen(path, getenv("CONF_WRITE") ? "w+" : "r");
    ck_assert_msg(f != NULL, "%s is missing", path);
    if (getenv("CONF_WRITE")) {
        fputs(text, f);
        rewind(f);
    }
    size_t n = fread(buf_b, 1, sizeof(buf_b) - 1, f);
    fclose(f);
    buf_b[n] = 0;
    ck_assert_msg(strcmp(text, buf_b) == 0,
                  "%s differs from the key table: CONF_WRITE=1 writes it anew", name);
}

START_TEST(docs_are_the_table)
{
    struct text t;
    text_init(&t, buf_a, sizeof(buf_a));
    conf_doc(&t);
    for (int i = 0; i < n_conf_keys; i++) {
        ck_assert_ptr_nonnull(conf_keys[i].help);
        ck_assert_ptr_nonnull(strstr(buf_a, conf_keys[i].key));
    }
    same_as_file("docs/CONFIG.md", buf_a);
}
END_TEST

START_TEST(sample_is_the_table)
{
    struct conf *c = conf_new(), *d = conf_new();
    struct text t;
    text_init(&t, buf_a, sizeof(buf_a));
    conf_sample(&t);
    same_as_file("conf/cascaded.conf", buf_a);
    no_errors(parse(d, buf_a));
    printed(c, buf_b);
    printed(d, buf_a);
    ck_assert_str_eq(buf_a, buf_b);
    conf_free(c);
    conf_free(d);
}
END_TEST

UNIT_MAIN("conf", tcase_add_test(tc, defaults); tcase_add_test(tc, reads_every_type);
          tcase_add_test(tc, round_trip); tcase_add_test(tc, round_trip_of_long_lists);
          tcase_add_test(tc, masks);
          tcase_add_loop_test(tc, names_every_fault, 0, sizeof(bads) / sizeof(bads[0]));
          tcase_add_test(tc, lists_all_faults_in_one_run);
          tcase_add_test(tc, counts_more_faults_than_it_keeps);
          tcase_add_test(tc, long_lines_and_nul); tcase_add_test(tc, loads_the_files_it_names);
          tcase_add_test(tc, names_the_file_of_each_fault); tcase_add_test(tc, wild_bytes);
          tcase_add_test(tc, docs_are_the_table); tcase_add_test(tc, sample_is_the_table);)
