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

static int usage(void)
{
    fprintf(stderr, "usage: cascade-replay [--no-rows] [--no-unknown] [--dump] TAPE|FOLDER...\n");
    for (size_t i = 0; i < N_COMMANDS; i++)
        fprintf(stderr, "       cascade-replay %s\n", commands[i].usage);
    return 2;
}

int main(int argc, char **argv)
{
    for (size_t i = 0; argc > 1 && i < N_COMMANDS; i++)
        if (strcmp(argv[1], commands[i].name) == 0)
            return commands[i].run(argc - 1, argv + 1);
    return argc > 1 ? tape_main(argc - 1, argv + 1) : usage();
}
