/* The schema runner as a program of its own, for tests and for making migrations:
 *   schema check|apply CONNINFO [SQL_DIR]     exit status as cascadectl's
 *   schema delta [SQL_DIR]                    prints what new metric rows need; status 1 when any
 */
#include <stdio.h>
#include <string.h>

#include "store/schema.h"
#include "store/schema_delta.h"

int main(int argc, char **argv)
{
    if (argc >= 2 && strcmp(argv[1], "delta") == 0) {
        int n = schema_delta(argc > 2 ? argv[2] : NULL, stdout);
        return n < 0 ? SCHEMA_USAGE : n > 0;
    }
    if (argc < 3) {
        fprintf(stderr, "schema check|apply CONNINFO [SQL_DIR] | schema delta [SQL_DIR]\n");
        return SCHEMA_USAGE;
    }
    struct schema_opts o = {
        .conninfo = argv[2], .sql_dir = argc > 3 ? argv[3] : NULL, .out = stdout, .err = stderr};
    return schema_main(argv[1], &o);
}
