/* The reference, printed from the tables: docs/METRICS.md, docs/CONFIG.md, docs/SOCKET.md and
 * the tables of docs/VENUES.md are this text, and a test fails when they differ. */
#ifndef DAEMON_DOC_H
#define DAEMON_DOC_H

#include <stdio.h>

/* part: "config", "metrics", "venues", "socket", or NULL for all. Exit status: 0, 2 for an unknown
 * part. */
int doc_print(FILE *out, const char *part);

#endif
