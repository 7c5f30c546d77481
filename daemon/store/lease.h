/* Which rows are ours to store. Daemons of one writer compute the same; the table writer_lease says
 * who wrote when, in terms. A row belongs to the node (the spool it lies in) that held the last
 * term taken at or before the row's time, whoever sends it and whenever: so those who take turns
 * neither store a row twice, nor lose one that the other had accepted. In: windows, as the database
 * has them. Out: a verdict for each row. Pure but for lease_open, which reads a file. */
#ifndef DAEMON_STORE_LEASE_H
#define DAEMON_STORE_LEASE_H

#include "store/streams.h"

/* Own terms known, the newest ones; LIMIT in writer_lease.c. Rows of before them are given up:
 * their node would have taken over so many times since, and not once got so far as to send them. */
#define LEASE_WINDOWS 256
#define LEASE_FOREVER INT64_MAX
#define LEASE_NODE    "node" /* file in the spool's folder */
/* Further from the database's clock than this is told: by as much rows at a takeover are missing.
 */
#define LEASE_CLOCK_US 500000

enum lease_role {
    ROLE_STARTING, /* the database has not said yet: published, not yet stored */
    ROLE_LEADER,
    ROLE_STANDBY,
    ROLES
};
const char *lease_role_name(enum lease_role r);

struct lease_window { /* an own term */
    int64_t term, from_us, to_us;
};

struct lease {
    char node[37];
    uint8_t role;
    bool known;         /* windows are as the database has them; else nothing is sent */
    bool asking;        /* a request is on its way, or its answer was lost */
    int64_t t_from_us;  /* of the first such request: rows from here on would be ours */
    int64_t t_due_us;   /* of the next one; LEASE_FOREVER = not while this connection lives */
    int64_t t_start_us; /* of this process */
    int64_t t_role_us;  /* since when the role */
    struct lease_window window[LEASE_WINDOWS]; /* newest first */
    int n;
    bool took, newest_is_own; /* answers */
    int64_t newest_term;
    int64_t t_asked_us; /* when the request under way was sent */
    int64_t clock_us;   /* the database's clock less ours, when last measured well */
    bool clock_known, clock_apart;
};

/* The node's name: of the folder, made from `instance` when it has none yet; without a folder the
 * instance itself. E_IO: it could not be kept, the instance is used. */
int lease_open(struct lease *l, const char *dir, const char *instance, int64_t now_us) MUST_CHECK;

int64_t lease_term(const struct lease *l); /* the newest own one; 0 = none */

/* The database's clock showed server_us between t_asked_us and now; true: clock_apart has changed.
 */
bool lease_note_clock(struct lease *l, int64_t server_us, int64_t now_us);

/* From when on rows would be ours, were the lease taken now. */
int64_t lease_from(const struct lease *l, int64_t now_us);

enum lease_says {
    LEASE_WRITE,
    LEASE_DROP, /* it is the other's */
    LEASE_WAIT  /* not known yet */
};
enum lease_says lease_judge(const struct lease *l, int64_t t_us, int64_t now_us);

/* The time by which a row is judged: of a minute or of a span's end its end, else the row's. */
int64_t lease_time(uint8_t stream, int64_t t_us, const uint8_t *data, uint32_t len);

/* A span that began before the term in which it ends is ours from the term's begin only. */
void lease_clamp(const struct lease *l, struct row *r);

#endif
