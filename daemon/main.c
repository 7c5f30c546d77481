/* cascaded: reads its arguments, checks or prints what is asked, else runs. */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app.h"
#include "conf.h"
#include "doc.h"
#include "log.h"
#include "store/schema_delta.h"

#define DEFAULT_CONF "/etc/cascaded/cascaded.conf"

static int usage(FILE *out)
{
    fprintf(
        out,
        "usage: cascaded [-c FILE] [-t | -p | --doc [PART] | --schema-delta | -V | -h]\n"
        "  -c FILE         configuration, default " DEFAULT_CONF "\n"
        "  -t              check the configuration and exit: 0 good, 2 bad\n"
        "  -p              print what is in force\n"
        "  --doc [PART]    print the reference: config, metrics, venues, socket (default: all)\n"
        "  --schema-delta  print the migration that new metric rows need\n"
        "  -V, --version   version\n"
        "  -h, --help      this text\n");
    return out == stdout ? 0 : 2;
}

static int load(struct conf *c, const char *path)
{
    static struct conf_errors errs;
    char why[160];
    if (conf_load(c, path, &errs) < 0) {
        for (int i = 0; i < errs.n && i < CONF_ERRORS_MAX; i++)
            fprintf(stderr, "%s:%d: %s: %s\n", errs.e[i].file, errs.e[i].line, errs.e[i].key,
                    errs.e[i].text);
        if (errs.n > CONF_ERRORS_MAX)
            fprintf(stderr, "... and %d more\n", errs.n - CONF_ERRORS_MAX);
        fprintf(stderr, "cascaded: %d error%s in the configuration, not started\n", errs.n,
                errs.n == 1 ? "" : "s");
        return -1;
    }
    struct engine *e =
        engine_new(&c->engine, NULL, why); /* the engine's own checks: rules and sizes */
    if (!e) {
        fprintf(stderr, "%s: %s\ncascaded: the configuration is refused, not started\n", path, why);
        return -1;
    }
    engine_free(e);
    return 0;
}

static int print(const struct conf *c)
{
    size_t cap = 1u << 20;
    char *buf = malloc(cap);
    struct text t;
    if (!buf)
        return 1;
    text_init(&t, buf, cap);
    conf_print(c, &t);
    fwrite(t.buf, 1, t.len, stdout);
    free(buf);
    return t.full ? 1 : 0;
}

static const struct {
    const char *name;
    int floor;
} levels[] = {{"error", LOG_LV_ERROR},
              {"warning", LOG_LV_WARNING},
              {"notice", LOG_LV_NOTICE},
              {"info", LOG_LV_INFO},
              {"debug", LOG_LV_DEBUG}};

static enum log_level floor_of(const char *name)
{
    for (size_t i = 0; i < sizeof levels / sizeof *levels; i++) {
        if (strcmp(levels[i].name, name) == 0)
            return (enum log_level)levels[i].floor;
    }
    return LOG_LV_INFO;
}

enum mode { MODE_RUN, MODE_TEST, MODE_PRINT };

static int run(enum mode mode, const char *path)
{
    struct conf *c = conf_new();
    if (!c || load(c, path) < 0) {
        conf_free(c);
        return 2;
    }
    int rc = 0;
    if (mode == MODE_RUN) {
        log_open(floor_of(c->log_level));
        return app_run(c, path);
    }
    if (mode == MODE_PRINT)
        rc = print(c);
    else
        printf("%s: good\n", path);
    conf_free(c);
    return rc;
}

int main(int argc, char **argv)
{
    static const struct option longs[] = {{"doc", no_argument, NULL, 'D'},
                                          {"schema-delta", no_argument, NULL, 'S'},
                                          {"version", no_argument, NULL, 'V'},
                                          {"help", no_argument, NULL, 'h'},
                                          {0}};
    const char *path = DEFAULT_CONF;
    enum mode mode = MODE_RUN;
    int o;
    while ((o = getopt_long(argc, argv, "c:tpVh", longs, NULL)) != -1) {
        switch (o) {
        case 'c':
            path = optarg;
            break;
        case 't':
            mode = MODE_TEST;
            break;
        case 'p':
            mode = MODE_PRINT;
            break;
        case 'V':
            puts("cascaded " CASCADED_VERSION);
            return 0;
        case 'D':
            return doc_print(stdout, optind < argc ? argv[optind] : NULL);
        case 'S':
            return schema_delta(NULL, stdout) < 0;
        case 'h':
            return usage(stdout);
        default:
            return usage(stderr);
        }
    }
    if (optind < argc)
        return usage(stderr);
    return run(mode, path);
}
