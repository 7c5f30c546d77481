/* cascade-replay: the engine without network or database. In: a subcommand's arguments; out: its
 * result on standard output, complaints on standard error. The table below is the whole list of
 * subcommands; without one the arguments are tapes. */
#include "replay/replay.h"

#include <string.h>

static const struct command {
    const char *name;
    int (*run)(int argc, char **argv);
    const char *usage;
} commands[] = {
    {"decode", decode_main,
     "decode VENUE [--specs FILE] [--request REQ] [--requests FILE] < TEXTS"},
    {"import", import_main, "import VENUE --recv FILE --specs FILE --out TAPE [...] < TEXTS"},
};

#define N_COMMANDS (sizeof commands / sizeof *commands)

static const char options[] =
    "  --no-rows           print no samples of metrics\n"
    "  --rows-every S      print only those of every S-th second; all are judged\n"
    "  --no-unknown        do not print why a metric became unknown\n"
    "  --counts            print at the end, for each venue, how many events were used, not used "
    "and\n"
    "                      why, and how many texts were refused\n"
    "  --times S           print at the end what texts, turns and ticks took of processor time,\n"
    "                      without the first S seconds of the tape\n"
    "  --dump              print the records of the tape instead of running them\n"
    "  --specs FILE        decode, import: instruments, our own spec events one a line\n"
    "  --request REQ       decode: the texts are answers to this request, depth:BTCUSDT\n"
    "  --requests FILE     decode: the request of each text, one a line; empty = it was pushed\n"
    "  --recv FILE         import: the time of receipt of each text, one a line\n"
    "  --out TAPE          import: the tape to write\n"
    "  --conf FILE         import: the configuration for its head, as cascaded -p prints it\n"
    "  --rest PREFIX=REQ   import: texts that begin so are answers to this request; up to 8 times\n"
    "  -V, --version       version\n"
    "  -h, --help          this text\n";

int replay_usage(FILE *out)
{
    fprintf(out, "usage: cascade-replay [--no-rows] [--rows-every S] [--no-unknown] [--counts] "
                 "[--times S] [--dump] TAPE|FOLDER...\n");
    for (size_t i = 0; i < N_COMMANDS; i++)
        fprintf(out, "       cascade-replay %s\n", commands[i].usage);
    fprintf(out, "%s", options);
    return out == stdout ? 0 : 2;
}

static bool is(const char *arg, const char *brief, const char *full)
{
    return strcmp(arg, brief) == 0 || strcmp(arg, full) == 0;
}

int main(int argc, char **argv)
{
    for (size_t i = 0; argc > 1 && i < N_COMMANDS; i++)
        if (strcmp(argv[1], commands[i].name) == 0)
            return commands[i].run(argc - 1, argv + 1);
    if (argc < 2)
        return replay_usage(stderr);
    if (is(argv[1], "-h", "--help"))
        return replay_usage(stdout);
    if (is(argv[1], "-V", "--version"))
        return puts("cascade-replay " CASCADED_VERSION) < 0;
    return tape_main(argc - 1, argv + 1);
}
