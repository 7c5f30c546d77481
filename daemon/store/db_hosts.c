/* See db_hosts.h. The surprising thing: the lists of a connection string are matched by their
 * places, an empty place is the default, and a single port stands for all. */
#include "store/db_hosts.h"

#include <libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

struct entry { /* into the parsed string; empty: not given */
    struct slice host, addr, port;
};

struct place {
    const struct entry *e;
    char addr[ADDR_TEXT]; /* "": as the host says */
};

struct search {
    struct entry given[DB_HOSTS_MAX];
    struct place place[DB_ADDRS_MAX];
    int n_given, n, asking;
    bool looked_up;
    char why[160]; /* of the first name that failed */
};

/* As libpq does: what is empty was not given, then the environment has its say. */
static const char *option_value(const PQconninfoOption *o, const char *key)
{
    for (; o->keyword; o++)
        if (strcmp(o->keyword, key) == 0)
            break;
    if (!o->keyword)
        return "";
    const char *v = o->val && o->val[0] ? o->val : o->envvar ? getenv(o->envvar) : NULL;
    return v ? v : "";
}

static int count(const char *list) /* "" is none */
{
    int n = list[0] != 0;
    for (; *list; list++)
        n += *list == ',';
    return n;
}

static struct slice item(const char *list, int i)
{
    for (; i > 0 && *list; list++)
        i -= *list == ',';
    return (struct slice){list, (uint32_t)strcspn(list, ",")};
}

static bool is_path(struct slice host)
{
    return host.len == 0 || host.p[0] == '/' || host.p[0] == '@';
}

/* How many places the string names; E_RANGE: too many, one too long, or the lists do not match. */
static int read_places(const PQconninfoOption *o, struct entry given[DB_HOSTS_MAX])
{
    const char *host = option_value(o, "host"), *addr = option_value(o, "hostaddr");
    const char *port = option_value(o, "port");
    int hosts = count(host), n = addr[0] ? count(addr) : hosts, ports = count(port);
    if (n > DB_HOSTS_MAX || (hosts && hosts != n) || (ports > 1 && ports != n))
        return E_RANGE;
    for (int i = 0; i < n; i++) {
        given[i] = (struct entry){item(host, i), item(addr, i), item(port, ports == 1 ? 0 : i)};
        if (given[i].host.len >= DB_HOST_LEN || given[i].addr.len >= ADDR_TEXT ||
            given[i].port.len >= PORT_TEXT)
            return E_RANGE;
    }
    return n;
}

int db_check_conninfo(const char *conninfo, char why[160])
{
    char *err = NULL;
    struct entry given[DB_HOSTS_MAX];
    PQconninfoOption *o = PQconninfoParse(conninfo, &err);
    if (!o) {
        snprintf(why, 160, "%.150s", err ? err : "out of memory");
        why[strcspn(why, "\n")] = 0;
        PQfreemem(err);
        return E_SYNTAX;
    }
    int rc = E_OK;
    if (option_value(o, "service")[0]) {
        snprintf(why, 160, "service is not supported, name the server itself");
        rc = E_RANGE;
    } else if (read_places(o, given) < 0) {
        snprintf(why, 160,
                 "more than %d hosts, one too long, or not as many hosts as addresses "
                 "or ports",
                 DB_HOSTS_MAX);
        rc = E_RANGE;
    }
    PQconninfoFree(o);
    return rc;
}

static void add_place(struct search *s, const struct entry *e, const char *addr)
{
    if (s->n == DB_ADDRS_MAX)
        return;
    struct place *p = &s->place[s->n++];
    p->e = e;
    snprintf(p->addr, sizeof(p->addr), "%s", addr);
}

/* All are asked for at once: who is slow holds nobody else up. */
static void look_up(struct search *s, const struct entry *e, struct resolver *r)
{
    char name[DB_HOST_LEN];
    const char *why;
    struct addrs a;
    slice_copy(e->host, name, sizeof(name));
    int rc = resolver_get(r, name, &a, &why);
    s->looked_up = true;
    s->asking += rc == 0;
    for (int i = 0; rc > 0 && i < a.n; i++)
        add_place(s, e, a.text[i]);
    if (rc < 0 && !s->why[0])
        snprintf(s->why, sizeof(s->why), "host %.80s: %.60s", name, why);
}

static void find_places(struct search *s, struct resolver *r)
{
    char addr[ADDR_TEXT];
    for (int i = 0; i < s->n_given; i++) {
        const struct entry *e = &s->given[i];
        slice_copy(e->addr, addr, sizeof(addr));
        if (addr[0] || is_path(e->host))
            add_place(s, e, addr);
        else
            look_up(s, e, r);
    }
}

static void print_places(struct db_hosts *out, const struct search *s, uint32_t turn)
{
    struct text host, addr, port;
    text_init(&host, out->host, sizeof(out->host));
    text_init(&addr, out->hostaddr, sizeof(out->hostaddr));
    text_init(&port, out->port, sizeof(out->port));
    for (int i = 0; i < s->n; i++) {
        const struct place *p = &s->place[((uint32_t)i + turn) % (uint32_t)s->n];
        if (i > 0) {
            text_char(&host, ',');
            text_char(&addr, ',');
            text_char(&port, ',');
        }
        text_slice(&host, p->e->host);
        text_str(&addr, p->addr);
        text_slice(&port, p->e->port);
    }
}

int db_hosts_find(struct db_hosts *out, const char *conninfo, struct resolver *r, uint32_t turn,
                  char why[160])
{
    struct search s = {.n = 0};
    PQconninfoOption *o = PQconninfoParse(conninfo, NULL);
    if (!o) {
        snprintf(why, 160, "out of memory");
        return E_NOMEM;
    }
    s.n_given = read_places(o, s.given);
    find_places(&s, r);
    int rc = s.asking ? 0 : s.looked_up && s.n == 0 ? E_IO : 1;
    out->found = rc > 0 && (s.looked_up || s.n > 1);
    if (out->found)
        print_places(out, &s, turn);
    if (rc < 0)
        snprintf(why, 160, "%s", s.why);
    PQconninfoFree(o);
    return rc;
}
