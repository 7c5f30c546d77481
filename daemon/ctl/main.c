/* cascadectl: the command line client of the daemon's socket. One table of commands gives usage,
 * dispatch and the number of arguments. Exit status: 0 ok, 1 alerts firing at or above --floor (or
 * not live in time, or a schema that differs), 2 usage, 3 no connection, 4 the server said no. */
#include "ctl.h"

#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "conf.h"
#include "store/schema.h"

#define DEFAULT_SOCKET "/run/cascaded/alerts.sock"

struct command {
    const char *name, *args, *help;
    int min_args, max_args;
    int (*fn)(struct conn *c, const struct opts *o); /* over the socket */
    int (*alone)(const struct opts *o);              /* without it */
};

static const struct command commands[] = {
    {"status", "", "how daemon, feeds and store are", 0, 0, cmd_status, NULL},
    {"alerts", "[--watch]", "pending and firing alerts; --watch follows them", 0, 0, cmd_alerts,
     NULL},
    {"watch", "[--after SEQ]", "the alert stream, until Ctrl-C", 0, 0, cmd_watch, NULL},
    {"explain", "ID", "one alert: rule, threshold, inputs", 1, 1, cmd_explain, NULL},
    {"ack", "ID [--comment TEXT]", "acknowledge a firing alert", 1, 1, cmd_ack, NULL},
    {"metrics", "[ASSET]", "overview, or every metric of an asset", 0, 1, cmd_metrics, NULL},
    {"feeds", "[--all]", "connections, and the channels that are not ok", 0, 0, cmd_feeds, NULL},
    {"instruments", "[ASSET] [--all]", "tracked instruments, or all", 0, 1, cmd_instruments, NULL},
    {"stress", "ASSET=SHOCK...", "what BTC=-5% would set off, per venue and pooled (modelled)", 1,
     8, cmd_stress, NULL},
    {"map", "ASSET [--venue V]", "where forced sales sit around the mark (modelled)", 1, 1, cmd_map,
     NULL},
    {"rules", "", "the rules in force", 0, 0, cmd_rules, NULL},
    {"reload", "", "read the configuration anew", 0, 0, cmd_reload, NULL},
    {"wait-live", "[--timeout S]", "until every feed is live and assets are ranked", 0, 0, NULL,
     cmd_wait_live},
    {"schema", "check|apply", "the database schema (--database, --dir or -c)", 1, 1, NULL,
     cmd_schema},
    {"spool", "inspect|skip [PATH]", "the spool's files; skip gives up what is damaged in one", 1,
     2, NULL, cmd_spool},
    {"rpc", "METHOD [PARAMS]", "any method; PARAMS is a JSON object", 1, 2, cmd_rpc, NULL},
};
#define COMMANDS (sizeof(commands) / sizeof(commands[0]))

static int usage(FILE *out)
{
    fprintf(out, "usage: cascadectl [OPTION]... COMMAND\n\n");
    for (size_t i = 0; i < COMMANDS; i++)
        fprintf(out, "  %-11s %-20s %s\n", commands[i].name, commands[i].args, commands[i].help);
    fprintf(out,
            "\n  --socket PATH   default $CASCADED_SOCKET or " DEFAULT_SOCKET "\n"
            "  --json          one JSON object a line\n"
            "  --floor SEV     info, warning, critical: only these; the exit status is 1 when one\n"
            "                  fires (without --floor: when a warning or worse does)\n"
            "  --asset A  --venue V  --table T  --names A,B  --state S   filters\n"
            "  --scenario S    flow (default) or news, for stress\n"
            "  --database CONNINFO  --dir SQL  -c FILE   for schema, spool\n"
            "  --version  --help\n\n"
            "exit status: 0 ok, 1 firing, 2 usage, 3 no connection, 4 the server said no\n");
    return out == stdout ? CTL_OK : CTL_USAGE;
}

/* The database from the configuration, unless it is given. */
int cmd_schema(const struct opts *o)
{
    static struct conf_errors errs;
    struct schema_opts s = {
        .conninfo = o->database, .sql_dir = o->dir, .out = stdout, .err = stderr};
    struct conf *c = o->database ? NULL : conf_new();
    if (c && conf_load(c, o->conf, &errs) < 0) {
        fprintf(stderr, "cascadectl: %s:%d: %s: %s\n", errs.e[0].file, errs.e[0].line,
                errs.e[0].key, errs.e[0].text);
        conf_free(c);
        return CTL_USAGE;
    }
    if (c)
        s.conninfo = c->db_conninfo;
    int rc = CTL_USAGE;
    if (!s.conninfo || !*s.conninfo)
        fprintf(stderr, "cascadectl: no database: give --database or set it in %s\n", o->conf);
    else
        rc = schema_main(o->args[0], &s);
    conf_free(c);
    return rc;
}

enum {
    OPT_SOCKET = 256,
    OPT_JSON,
    OPT_FLOOR,
    OPT_COMMENT,
    OPT_ASSET,
    OPT_VENUE,
    OPT_TABLE,
    OPT_NAMES,
    OPT_STATE,
    OPT_SCENARIO,
    OPT_DATABASE,
    OPT_DIR,
    OPT_AFTER,
    OPT_TIMEOUT,
    OPT_WATCH,
    OPT_ALL,
    OPT_VERSION,
    OPT_HELP
};

static const struct option longs[] = {
    {"socket", required_argument, NULL, OPT_SOCKET},
    {"json", no_argument, NULL, OPT_JSON},
    {"floor", required_argument, NULL, OPT_FLOOR},
    {"comment", required_argument, NULL, OPT_COMMENT},
    {"asset", required_argument, NULL, OPT_ASSET},
    {"venue", required_argument, NULL, OPT_VENUE},
    {"table", required_argument, NULL, OPT_TABLE},
    {"names", required_argument, NULL, OPT_NAMES},
    {"state", required_argument, NULL, OPT_STATE},
    {"scenario", required_argument, NULL, OPT_SCENARIO},
    {"database", required_argument, NULL, OPT_DATABASE},
    {"dir", required_argument, NULL, OPT_DIR},
    {"after", required_argument, NULL, OPT_AFTER},
    {"timeout", required_argument, NULL, OPT_TIMEOUT},
    {"watch", no_argument, NULL, OPT_WATCH},
    {"all", no_argument, NULL, OPT_ALL},
    {"version", no_argument, NULL, OPT_VERSION},
    {"help", no_argument, NULL, OPT_HELP},
    {0},
};

static bool parse_seq(const char *s, int64_t *out)
{
    char *end;
    *out = strtoll(s, &end, 10);
    return end != s && !*end && *out >= 0;
}

static bool parse_seconds(const char *s, double *out)
{
    char *end;
    *out = strtod(s, &end);
    return end != s && !*end && *out >= 0 && *out < 1e7;
}

/* Options whose value is a text as it stands. */
static const char **text_option(struct opts *o, int opt)
{
    switch (opt) {
    case OPT_SOCKET:
        return &o->socket;
    case OPT_FLOOR:
        return &o->floor;
    case OPT_COMMENT:
        return &o->comment;
    case OPT_ASSET:
        return &o->asset;
    case OPT_VENUE:
        return &o->venue;
    case OPT_TABLE:
        return &o->table;
    case OPT_NAMES:
        return &o->names;
    case OPT_STATE:
        return &o->state;
    case OPT_SCENARIO:
        return &o->scenario;
    case OPT_DATABASE:
        return &o->database;
    case OPT_DIR:
        return &o->dir;
    case 'c':
        return &o->conf;
    default:
        return NULL;
    }
}

/* -1 = go on, else the exit status. */
static int take_option(struct opts *o, int opt)
{
    const char **text = text_option(o, opt);
    if (text)
        *text = optarg;
    else if (opt == OPT_JSON)
        o->json = true;
    else if (opt == OPT_WATCH)
        o->watch = true;
    else if (opt == OPT_ALL)
        o->all = true;
    else if (opt == OPT_AFTER && parse_seq(optarg, &o->after))
        return -1;
    else if (opt == OPT_TIMEOUT && parse_seconds(optarg, &o->timeout_s))
        return -1;
    else if (opt == OPT_VERSION)
        return printf("cascadectl %s\n", CASCADED_VERSION) > 0 ? CTL_OK : CTL_USAGE;
    else if (opt == OPT_HELP)
        return usage(stdout);
    else
        return usage(stderr);
    return -1;
}

static int run(const struct command *cmd, const struct opts *o)
{
    struct conn c;
    if (cmd->alone)
        return cmd->alone(o);
    if (conn_open(&c, o->socket, false) < 0)
        return CTL_NOCONN;
    int rc = cmd->fn(&c, o);
    conn_close(&c);
    return rc;
}

int main(int argc, char **argv)
{
    const char *env = getenv("CASCADED_SOCKET"), *no_color = getenv("NO_COLOR");
    struct opts o = {.socket = env ? env : DEFAULT_SOCKET,
                     .after = -1,
                     .timeout_s = 60,
                     .conf = "/etc/cascaded/cascaded.conf"};
    int opt, rc;
    o.color = isatty(STDOUT_FILENO) && !(no_color && *no_color);
    while ((opt = getopt_long(argc, argv, "c:", longs, NULL)) != -1)
        if ((rc = take_option(&o, opt)) >= 0)
            return rc;
    if (optind >= argc)
        return usage(stderr);
    const char *name = argv[optind++];
    o.args = argv + optind;
    o.n_args = argc - optind;
    if (o.floor && !severity_rank(o.floor)) {
        fprintf(stderr, "cascadectl: --floor must be info, warning or critical\n");
        return CTL_USAGE;
    }
    for (size_t i = 0; i < COMMANDS; i++) {
        if (strcmp(commands[i].name, name) != 0)
            continue;
        if (o.n_args >= commands[i].min_args && o.n_args <= commands[i].max_args)
            return run(&commands[i], &o);
        fprintf(stderr, "usage: cascadectl %s %s\n", name, commands[i].args);
        return CTL_USAGE;
    }
    fprintf(stderr, "cascadectl: there is no command \"%s\"\n", name);
    return usage(stderr);
}
