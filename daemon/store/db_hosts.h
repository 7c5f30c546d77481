/* Where a connection string leads. libpq would look names up on the loop, and would try a host that
 * does not answer first, each time; here names become addresses beforehand, in the pool, and
 * another address has its turn. In: the string, and what the environment adds to it. Out: lists of
 * hosts, addresses and ports for libpq, an entry for each address. The names stay beside them:
 * certificates and passwords go by them. Owner: db.c. */
#ifndef DAEMON_DB_HOSTS_H
#define DAEMON_DB_HOSTS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "resolve.h"

#define DB_HOSTS_MAX 16 /* in a connection string */
#define DB_ADDRS_MAX 32 /* that they stand for; what is more is left out */
#define DB_HOST_LEN  128
#define PORT_TEXT    16

struct db_hosts {
    bool found; /* false: libpq is to take what the string says */
    char host[DB_ADDRS_MAX * DB_HOST_LEN], hostaddr[DB_ADDRS_MAX * ADDR_TEXT],
        port[DB_ADDRS_MAX * PORT_TEXT];
};

/* E_SYNTAX or E_RANGE, and why[], of a connection string that cannot be used. */
int db_check_conninfo(const char *conninfo, char why[160]) MUST_CHECK;

/* 1: *out is made. 0: names are being looked up; ask again when the resolver wakes. E_IO and why[]:
 * none of the names has an address; E_NOMEM. turn: so many entries from the front go behind. */
int db_hosts_find(struct db_hosts *out, const char *conninfo, struct resolver *r, uint32_t turn,
                  char why[160]) MUST_CHECK;

#endif
