/* The configuration: one key table (conf_keys.c) drives the reader, `-t`, `-p`, `--doc` and the
 * sample file. INI, read through libinih with our own counting reader: every bad line is listed
 * with file, line and key. Durations and sizes end in their unit in the key's name. Lists by comma.
 *
 * Sections: [cascaded], [universe], [store], [serve], [tape], [venue NAME] per venue; the rules
 * file has one section per rule, the assets file [aliases]. */
#ifndef DAEMON_CONF_H
#define DAEMON_CONF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/engine.h"
#include "venue/venue.h"

#define CONF_PATH_MAX    256
#define CONF_ALIASES_MAX 1024

struct conf_venue {
    bool enabled;
    char url[CONN_ROUTES][192]; /* per route; "" = the table's */
    char rest_url[192];
    char rest2_url[192];
    char address[64];             /* connect here instead of resolving the name; "" = resolve */
    char ca_file[CONF_PATH_MAX];  /* PEM of the CAs to trust; "" = the system's */
    bool deflate;                 /* offer permessage-deflate */
    uint32_t rest_weight_per_min; /* 0 = the table's */
    uint32_t rotate_s;            /* planned life of a connection; 0 = the table's */
};

struct conf {
    /* [cascaded] */
    char rules_file[CONF_PATH_MAX], assets_file[CONF_PATH_MAX], tiers_file[CONF_PATH_MAX];
    char state_dir[CONF_PATH_MAX];
    char log_level[16];
    uint32_t shutdown_ms;
    /* [venue X] */
    struct conf_venue venue[DIR_VENUES_MAX];
    /* [universe] and all the engine needs; rules and aliases below */
    struct engine_conf engine;
    /* [store] */
    char db_conninfo[512]; /* "" = no database */
    char store_writer[48];
    uint32_t store_takeover_ms, store_hang_ms;
    uint32_t store_flush_ms, store_memory_mb, store_batch_rows, store_durable_ms;
    char spool_dir[CONF_PATH_MAX];
    uint32_t spool_limit_mb, spool_sync_ms, spool_zstd_level;
    uint32_t store_partition_ahead_days;
    bool store_rollup_1m;
    uint32_t retention_days, retention_1m_days;         /* of facts, of the minutes; 0 = keep */
    uint32_t store_asset_period_s, store_feed_period_s; /* how often rows are kept */
    uint32_t store_hot_period_s, store_hot_before_s, store_hot_after_s; /* while an alert is on */
    uint32_t store_scenario_period_s;                                   /* 10 */
    /* [serve] */
    char socket_path[CONF_PATH_MAX];
    uint32_t socket_mode; /* 0660 */
    char socket_group[64];
    uint32_t client_max, client_soft_kb, client_hard_kb, request_max_kb, history_alerts;
    char desk_group[64], admin_group[64];
    /* [tape] */
    char tape_dir[CONF_PATH_MAX]; /* "" = no tape */
    uint32_t tape_segment_mb, tape_segment_s, tape_keep_mb;
    /* storage that engine.rules and engine.aliases point into */
    struct rule rules[RULES_MAX];
    struct asset_alias aliases[CONF_ALIASES_MAX];
};

#define CONF_ERRORS_MAX 64
struct conf_errors {
    int n; /* may exceed CONF_ERRORS_MAX: then only the first are kept */
    struct conf_error {
        char file[CONF_PATH_MAX];
        int line;
        char key[64];
        char text[192];
    } e[CONF_ERRORS_MAX];
};

struct conf *conf_new(void); /* defaults filled in; NULL when out of memory */
void conf_free(struct conf *c);

/* Reads the file and the files it names. 0, or E_SYNTAX with all errors listed. Relative paths are
 * relative to the file's folder. */
int conf_load(struct conf *c, const char *path, struct conf_errors *errs) MUST_CHECK;

/* The text that -p prints: everything in force, rules and aliases included, in one INI file that
 * conf_parse reads back to the same configuration. Passwords in conninfo are not printed. */
void conf_print(const struct conf *c, struct text *out);
int conf_parse(struct conf *c, const char *text, size_t len, const char *name,
               struct conf_errors *errs) MUST_CHECK;

/* docs/CONFIG.md from the key table. */
void conf_doc(struct text *out);

#endif
