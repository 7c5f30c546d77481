/* Proves that names in a connection string become addresses without the loop waiting for them, that
 * the lists libpq is given match by their places, and what happens to a name that has no address or
 * is slow. getaddrinfo is this file's own: it knows the names below, and where it was called. */
#include "unit.h"

#include <netdb.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <string.h>

#include "store/db.h"
#include "store/db_hosts.h"

#define KEEP_US 60000000

static const struct known {
    const char *name, *addrs; /* NULL: it has none */
} known[] = {{"one.example", "10.0.0.1"},
             {"two.example", "10.0.0.2 fd00::2"},
             {"slow.example", "10.0.0.9"},
             {"here.example", "127.0.0.1"},
             {"both.example", "127.0.0.2 127.0.0.1"},
             {"gone.example", NULL}};

static pthread_t loop_thread;
static sem_t slow;
static atomic_int lookups, on_loop; /* of names, not of addresses */

static int to_addrinfo(const char *addrs, const struct addrinfo *like, struct addrinfo **out)
{
    char text[64];
    struct addrinfo **end = out;
    for (*out = NULL; *addrs; addrs += *addrs == ' ') {
        size_t n = strcspn(addrs, " ");
        struct addrinfo *ai = calloc(1, sizeof(*ai) + sizeof(struct sockaddr_in6));
        struct sockaddr_in *four = (struct sockaddr_in *)(ai + 1);
        struct sockaddr_in6 *six = (struct sockaddr_in6 *)(ai + 1);
        ck_assert(ai && n < sizeof(text));
        memcpy(text, addrs, n);
        text[n] = 0;
        ai->ai_family = strchr(text, ':') ? AF_INET6 : AF_INET;
        ai->ai_addr = (struct sockaddr *)(ai + 1);
        ai->ai_addrlen = ai->ai_family == AF_INET ? sizeof(*four) : sizeof(*six);
        ai->ai_addr->sa_family = (sa_family_t)ai->ai_family;
        ai->ai_socktype = like ? like->ai_socktype : 0;
        ck_assert_int_eq(
            inet_pton(ai->ai_family, text,
                      ai->ai_family == AF_INET ? (void *)&four->sin_addr : (void *)&six->sin6_addr),
            1);
        *end = ai;
        end = &ai->ai_next;
        addrs += n;
    }
    return 0;
}

int getaddrinfo(const char *restrict name, const char *restrict service,
                const struct addrinfo *restrict hints, struct addrinfo **restrict out)
{
    (void)service;
    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
        if (strcmp(name, known[i].name) != 0)
            continue;
        lookups++;
        on_loop += pthread_equal(pthread_self(), loop_thread) != 0;
        if (strncmp(name, "slow", 4) == 0)
            sem_wait(&slow);
        return known[i].addrs ? to_addrinfo(known[i].addrs, hints, out) : EAI_NONAME;
    }
    return to_addrinfo(name, hints, out);
}

void freeaddrinfo(struct addrinfo *ai)
{
    while (ai) {
        struct addrinfo *next = ai->ai_next;
        free(ai);
        ai = next;
    }
}

static uv_loop_t loop;
static struct resolver *names;
static int woken;

static void wake(void *arg)
{
    (void)arg;
    woken++;
}

static void begin(void)
{
    loop_thread = pthread_self();
    ck_assert_int_eq(sem_init(&slow, 0, 0), 0);
    ck_assert_int_eq(uv_loop_init(&loop), 0);
    names = resolver_new(&loop, KEEP_US, wake, NULL);
    ck_assert(names);
}

static void end(void)
{
    ck_assert(resolver_idle(names));
    resolver_free(names);
    ck_assert_int_eq(uv_loop_close(&loop), 0);
}

/* Until it is no more 0. */
static int find(struct db_hosts *h, const char *conninfo, uint32_t turn, char why[160])
{
    int rc;
    while ((rc = db_hosts_find(h, conninfo, names, turn, why)) == 0)
        ck_assert_int_ge(uv_run(&loop, UV_RUN_ONCE), 0);
    return rc;
}

START_TEST(test_lists)
{
    static const struct {
        const char *conninfo;
        uint32_t turn;
        const char *host, *addr, *port; /* host NULL: as the string says */
    } cases[] = {
        {"dbname=x", 3, NULL, NULL, NULL},
        {"host=/run/postgresql", 3, NULL, NULL, NULL},
        {"host=one.example hostaddr=10.0.0.7 port=5433", 3, NULL, NULL, NULL},
        {"host=one.example", 0, "one.example", "10.0.0.1", ""},
        {"host=10.0.0.3 port=7", 0, "10.0.0.3", "10.0.0.3", "7"},
        {"host=two.example port=5433", 0, "two.example,two.example", "10.0.0.2,fd00::2",
         "5433,5433"},
        {"host=two.example", 1, "two.example,two.example", "fd00::2,10.0.0.2", ","},
        {"host=two.example,/tmp,one.example port=1,2,3", 0,
         "two.example,two.example,/tmp,one.example", "10.0.0.2,fd00::2,,10.0.0.1", "1,1,2,3"},
        {"host=/tmp,one.example port=,3", 5, "one.example,/tmp", "10.0.0.1,", "3,"},
        {"host=a.example,b.example hostaddr=10.1.1.1,10.1.1.2", 1, "b.example,a.example",
         "10.1.1.2,10.1.1.1", ","},
        {"hostaddr=10.1.1.1,10.1.1.2 port=9", 3, ",", "10.1.1.2,10.1.1.1", "9,9"},
        {"host=/tmp,two.example hostaddr=,10.1.1.2", 0, "/tmp,two.example", ",10.1.1.2", ","},
        {"host=one.example,two.example hostaddr=,10.1.1.2", 0, "one.example,two.example",
         "10.0.0.1,10.1.1.2", ","},
        {"host=gone.example,one.example port=4,5", 0, "one.example", "10.0.0.1", "5"},
        {"postgresql://u@one.example:6,two.example/x", 0, "one.example,two.example,two.example",
         "10.0.0.1,10.0.0.2,fd00::2", "6,,"},
    };
    struct db_hosts h;
    char why[160];
    begin();
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const char *text = cases[i].conninfo;
        ck_assert_msg(find(&h, text, cases[i].turn, why) == 1, "%s", text);
        ck_assert_msg(h.found == (cases[i].host != NULL), "%s", text);
        if (!h.found)
            continue;
        ck_assert_msg(strcmp(h.host, cases[i].host) == 0, "%s: host %s", text, h.host);
        ck_assert_msg(strcmp(h.hostaddr, cases[i].addr) == 0, "%s: addr %s", text, h.hostaddr);
        ck_assert_msg(strcmp(h.port, cases[i].port) == 0, "%s: port %s", text, h.port);
    }
    ck_assert_int_gt(lookups, 0);
    ck_assert_int_eq(on_loop, 0);
    end();
}
END_TEST

START_TEST(test_environment)
{
    struct db_hosts h;
    char why[160];
    begin();
    setenv("PGHOST", "one.example", 1);
    setenv("PGPORT", "77", 1);
    ck_assert_int_eq(find(&h, "dbname=x", 0, why), 1);
    ck_assert(h.found);
    ck_assert_str_eq(h.hostaddr, "10.0.0.1");
    ck_assert_str_eq(h.port, "77");
    ck_assert_int_eq(find(&h, "host=/tmp", 0, why), 1);
    ck_assert(!h.found);
    end();
}
END_TEST

START_TEST(test_no_address)
{
    struct db_hosts h;
    char why[160];
    begin();
    ck_assert_int_eq(find(&h, "host=gone.example", 0, why), E_IO);
    ck_assert_msg(strncmp(why, "host gone.example: ", 19) == 0 && strlen(why) > 22, "%s", why);
    end();
}
END_TEST

/* The others are known meanwhile, and nobody asks a second time for what is being looked up. */
START_TEST(test_slow)
{
    struct db_hosts h;
    char why[160];
    begin();
    ck_assert_int_eq(db_hosts_find(&h, "host=slow.example,one.example", names, 0, why), 0);
    while (woken == 0)
        uv_run(&loop, UV_RUN_ONCE);
    for (int i = 0; i < 5; i++)
        ck_assert_int_eq(db_hosts_find(&h, "host=slow.example,one.example", names, 0, why), 0);
    ck_assert_int_eq(find(&h, "host=one.example", 0, why), 1);
    ck_assert_str_eq(h.hostaddr, "10.0.0.1");
    sem_post(&slow);
    ck_assert_int_eq(find(&h, "host=slow.example,one.example", 0, why), 1);
    ck_assert_str_eq(h.hostaddr, "10.0.0.9,10.0.0.1");
    ck_assert_int_eq(lookups, 2);
    end();
}
END_TEST

START_TEST(test_refused)
{
    static const struct {
        const char *text;
        bool good;
    } cases[] = {{"host=/run/postgresql dbname=x", true},
                 {"host=127.0.0.1 dbname=x", true},
                 {"host=::1", true},
                 {"host=db.example hostaddr=10.0.0.1", true},
                 {"postgresql:///x?host=/tmp", true},
                 {"host=db.example dbname=x", true},
                 {"host=/tmp,db.example port=1,2", true},
                 {"host=/tmp,db.example port=1", true},
                 {"host=a,b,c,d,e,f,g,h,i,j,k,l,m,n,o,p", true},
                 {"host=a,b,c,d,e,f,g,h,i,j,k,l,m,n,o,p,q", false},
                 {"host=/tmp,db.example port=1,2,3", false},
                 {"host=a,b hostaddr=10.0.0.1", false},
                 {"host=a port=12345678901234567890", false},
                 {"hostaddr=1111:2222:3333:4444:5555:6666:7777:8888%interface", false},
                 {"service=risk", false},
                 {"host=/tmp nonsense", false},
                 {"hots=/tmp", false}};
    char why[160], text[200] = "host=";
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        ck_assert_msg((db_check_conninfo(cases[i].text, why) == 0) == cases[i].good, "%s",
                      cases[i].text);
    memset(text + 5, 'x', DB_HOST_LEN - 1);
    ck_assert_int_eq(db_check_conninfo(text, why), 0);
    text[5 + DB_HOST_LEN - 1] = 'x';
    ck_assert_int_eq(db_check_conninfo(text, why), E_RANGE);
}
END_TEST

/* ---- a connection --------------------------------------------------------------------------- */

static int downs, closes;
static char last[200];

static void on_down(void *arg, const char *why)
{
    (void)arg;
    downs++;
    snprintf(last, sizeof(last), "%s", why);
}

static void on_closed(void *arg)
{
    (void)arg;
    closes++;
}

static struct db *make_db(void)
{
    const struct db_hooks h = {.down = on_down};
    loop_thread = pthread_self();
    ck_assert_int_eq(sem_init(&slow, 0, 0), 0);
    ck_assert_int_eq(uv_loop_init(&loop), 0);
    struct db *d = db_new(&loop, &h);
    ck_assert(d);
    return d;
}

static void close_all(struct db *d)
{
    db_free(d, on_closed, NULL);
    uv_run(&loop, UV_RUN_DEFAULT);
    ck_assert_int_eq(closes, 1);
    ck_assert_int_eq(uv_loop_close(&loop), 0);
    ck_assert_int_eq(on_loop, 0);
}

START_TEST(test_db_unknown_host)
{
    struct db *d = make_db();
    ck_assert_int_eq(db_connect(d, "host=gone.example", "test"), 0);
    ck_assert_int_eq(downs, 0);
    while (!downs)
        uv_run(&loop, UV_RUN_ONCE);
    ck_assert_msg(strncmp(last, "host gone.example: ", 19) == 0, "%s", last);
    ck_assert_int_eq(db_connect(d, "host=gone.example", "test"), 0); /* told at once, but late */
    ck_assert_int_eq(downs, 1);
    while (downs < 2)
        uv_run(&loop, UV_RUN_ONCE);
    ck_assert_int_eq(lookups, 1);
    close_all(d);
}
END_TEST

/* libpq is not left to look the name up itself. Nobody listens there. */
START_TEST(test_db_refused)
{
    struct db *d = make_db();
    ck_assert_int_eq(db_connect(d, "host=here.example port=1", "test"), 0);
    while (!downs)
        uv_run(&loop, UV_RUN_ONCE);
    ck_assert_msg(strstr(last, "127.0.0.1") && strstr(last, "efused"), "%s", last);
    ck_assert_int_eq(lookups, 1);
    close_all(d);
}
END_TEST

/* Each address has its say. */
START_TEST(test_db_refused_by_all)
{
    struct db *d = make_db();
    ck_assert_int_eq(db_connect(d, "host=both.example port=1", "test"), 0);
    while (!downs)
        uv_run(&loop, UV_RUN_ONCE);
    ck_assert_str_eq(last,
                     "connection to server at \"127.0.0.2\", port 1 failed: Connection refused; "
                     "\"127.0.0.1\", port 1 failed: Connection refused");
    close_all(d);
}
END_TEST

/* Given up and begun anew while the lookup goes on: it is the same one, and its answer is used. */
START_TEST(test_db_slow_host)
{
    struct db *d = make_db();
    for (int i = 0; i < 3; i++) {
        ck_assert_int_eq(db_connect(d, "host=slow.example port=nonsense", "test"), 0);
        uv_run(&loop, UV_RUN_NOWAIT);
        if (i < 2)
            db_disconnect(d);
    }
    sem_post(&slow);
    while (!downs)
        uv_run(&loop, UV_RUN_ONCE);
    ck_assert_msg(strstr(last, "nonsense"), "%s", last); /* libpq had its say: it was asked */
    ck_assert_int_eq(lookups, 1);
    close_all(d);
}
END_TEST

/* A name server that says nothing is given up after 10 s, and is not asked a second time meanwhile.
 */
START_TEST(test_db_lookup_hangs)
{
    struct db *d = make_db();
    ck_assert_int_eq(db_connect(d, "host=slow.example", "test"), 0);
    while (!downs)
        uv_run(&loop, UV_RUN_ONCE);
    ck_assert_str_eq(last, "the database's host was not looked up within 10 s");
    ck_assert_int_eq(db_connect(d, "host=slow.example", "test"), 0);
    db_disconnect(d);
    sem_post(&slow);
    close_all(d);
    ck_assert_int_eq(downs, 1);
    ck_assert_int_eq(lookups, 1);
}
END_TEST

/* The end waits for a lookup that cannot be taken back, and for nothing else. */
START_TEST(test_db_freed_while_looking)
{
    struct db *d = make_db();
    ck_assert_int_eq(db_connect(d, "host=slow.example", "test"), 0);
    uv_run(&loop, UV_RUN_NOWAIT);
    while (lookups == 0)
        uv_run(&loop, UV_RUN_NOWAIT);
    db_free(d, on_closed, NULL);
    for (int i = 0; i < 10; i++)
        uv_run(&loop, UV_RUN_NOWAIT);
    ck_assert_int_eq(closes, 0);
    sem_post(&slow);
    uv_run(&loop, UV_RUN_DEFAULT);
    ck_assert_int_eq(closes, 1);
    ck_assert_int_eq(downs, 0);
    ck_assert_int_eq(uv_loop_close(&loop), 0);
}
END_TEST

UNIT_MAIN("db_hosts", tcase_add_test(tc, test_lists); tcase_add_test(tc, test_environment);
          tcase_add_test(tc, test_no_address); tcase_add_test(tc, test_slow);
          tcase_add_test(tc, test_refused); tcase_add_test(tc, test_db_unknown_host);
          tcase_add_test(tc, test_db_refused); tcase_add_test(tc, test_db_refused_by_all);
          tcase_add_test(tc, test_db_slow_host); tcase_add_test(tc, test_db_lookup_hangs);
          tcase_add_test(tc, test_db_freed_while_looking);)
