/* The pieces of cascade-replay. Each *_main takes its own arguments (argv[0] = the subcommand). */
#ifndef REPLAY_REPLAY_H
#define REPLAY_REPLAY_H

#include <stdio.h>

#include "engine/engine.h"

int decode_main(int argc, char **argv);
int tape_main(int argc, char **argv);
int import_main(int argc, char **argv);
int replay_usage(FILE *out); /* the exit status: 0 when it was asked for, 2 */

/* print.c: everything the engine tells, as NDJSON on a stream. engine may be set after engine_new.
 */
struct printer {
    FILE *out;
    const struct engine *engine;
    bool rows, quiet_unknown;
    int64_t rows_every_s;      /* print rows of whole multiples of this; all are judged */
    uint64_t n_rows, n_alerts; /* rows: judged, printed or not */
    char buf[1 << 16];
};
struct sinks printer_sinks(struct printer *p);
/* One line a venue: what became of its events, and why texts were refused; zeros are left out. */
void printer_counts(struct printer *p);

#endif
