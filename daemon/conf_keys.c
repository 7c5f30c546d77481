/* The key table: every key of the configuration, in the order of the sample file. Read it as the
 * reference; docs/CONFIG.md and conf/cascaded.conf are printed from it and a test fails when they
 * differ. The surprising thing: the keys of a rule stand here too (section "rule NAME"). */
#include "conf_priv.h"

#define IN(sec, type_, base_, struct_, field)                                                      \
    .section = (sec), .type = (type_), .base = (base_), .offset = offsetof(struct struct_, field), \
    .size = sizeof(((struct struct_ *)0)->field)
#define CONF(sec, type_, field) IN(sec, type_, KB_CONF, conf, field)
#define VENUE(type_, field)     IN(CS_VENUE, type_, KB_VENUE, conf_venue, field)
#define RULE(type_, field)      IN(CS_RULE, type_, KB_RULE, rule, field)

const struct conf_section_doc conf_sections[CS_NONE] = {
    [CS_CASCADED] = {"cascaded", "The process: which files it reads and where it keeps state."},
    [CS_UNIVERSE] = {"universe", "Which assets are tracked."},
    [CS_VENUE] = {"venue NAME",
                  "One section per exchange. A venue without a section has the defaults."},
    [CS_STORE] = {"store", "PostgreSQL."},
    [CS_SERVE] = {"serve", "The UNIX socket that cascadectl and other programs use."},
    [CS_TAPE] = {"tape", "The recording of everything that came in, for replay."},
    [CS_RULE] = {"rule NAME",
                 "One section per rule. In the rules file the header may be just [NAME]. "
                 "At least one of info, warning and critical must be given."},
    [CS_ALIASES] =
        {"aliases",
         "Lines `venue:CODE = ASSET x UNITS`: one unit of the exchange's base code is so "
         "many units of the asset; venue `*` is every venue. A code that is not listed "
         "is itself."},
};

const struct conf_key conf_keys[] = {
    {CONF(CS_CASCADED, CT_PATH, rules_file), .must_exist = true, .key = "rules_file",
     .def = "rules.conf",
     .help =
         "Rules, one section each. Not read when the main file has [rule NAME] sections itself."},
    {CONF(CS_CASCADED, CT_PATH, assets_file), .must_exist = true, .key = "assets_file",
     .def = "assets.conf",
     .help = "Asset aliases. Not read when the main file has an [aliases] section itself. Empty: "
             "none."},
    {CONF(CS_CASCADED, CT_PATH, tiers_file), .must_exist = true, .key = "tiers_file",
     .def = "tiers.ndjson",
     .help = "Margin tiers that venues do not publish openly, one spec event a line. Empty: none."},
    {CONF(CS_CASCADED, CT_PATH, state_dir), .key = "state_dir", .def = "/var/lib/cascaded/state",
     .help = "Folder for what must survive a restart: alerts, universe, epoch."},
    {CONF(CS_CASCADED, CT_ENUM, log_level), .key = "log_level", .def = "info",
     .choices = "error,warning,notice,info,debug",
     .help = "Lines below this level are not written."},
    {CONF(CS_CASCADED, CT_U32, shutdown_ms), .key = "shutdown_ms", .def = "10000", .min = 100,
     .max = 60000, .unit = "ms",
     .help = "Longest orderly stop; what is still open then is named and left."},

    {CONF(CS_UNIVERSE, CT_UNIVERSE, engine), .key = "assets", .def = "top:50",
     .help = "`top:N` by open interest, or names by comma; the key may stand on several lines."},
    {CONF(CS_UNIVERSE, CT_U32, engine.max_assets), .key = "max_assets", .def = "64", .min = 1,
     .max = 256, .help = "Capacity for tracked assets; memory is taken at start."},
    {CONF(CS_UNIVERSE, CT_U32, engine.universe_warm_s), .key = "warm_s", .def = "30", .min = 0,
     .max = 600, .unit = "s",
     .help = "The first ranking waits at most so long for venues that have not answered."},
    {CONF(CS_UNIVERSE, CT_U32, engine.universe_period_s), .key = "period_s", .def = "3600",
     .min = 10, .max = 86400, .unit = "s", .help = "Time between rankings."},
    {CONF(CS_UNIVERSE, CT_U32, engine.leave_rank), .key = "leave_rank", .def = "0", .min = 0,
     .max = 1000, .help = "An asset leaves when its rank is worse than this; 0 = 1.3 times N."},
    {CONF(CS_UNIVERSE, CT_U32, engine.leave_after_s), .key = "leave_after_s", .def = "21600",
     .min = 0, .max = 604800, .unit = "s",
     .help = "... for so long, and never while one of its alerts is active."},
    {CONF(CS_UNIVERSE, CT_U32, engine.book_levels), .key = "book_levels", .def = "4096", .min = 100,
     .max = 20000, .help = "Levels kept on each side of an order book."},
    {CONF(CS_UNIVERSE, CT_BOOL, engine.coarse_books), .key = "coarse_books", .def = "yes",
     .help = "Also subscribe aggregated books where a venue's raw book is short (Hyperliquid)."},

    {VENUE(CT_BOOL, enabled), .key = "enabled", .def = "yes",
     .help = "Whether the venue is watched at all."},
    {.section = CS_VENUE,
     .type = CT_URL,
     .base = KB_ROUTE,
     .size = sizeof(((struct conf_venue *)0)->url[0]),
     .key = "url_ROUTE",
     .def = "",
     .choices = "wss://,ws://",
     .help = "Websocket URL of one of the venue's routes. Empty: the exchange's own."},
    {VENUE(CT_URL, rest_url), .key = "rest_url", .def = "", .choices = "https://,http://",
     .help = "Base URL of REST requests. Empty: the exchange's own."},
    {VENUE(CT_URL, rest2_url), .key = "rest2_url", .def = "", .choices = "https://,http://",
     .help = "The same of a venue's second REST host (Binance COIN-M). Empty: the exchange's own."},
    {VENUE(CT_ADDRESS, address), .key = "address", .def = "",
     .help = "Connect to this IP address instead of resolving the names. Empty: resolve."},
    {VENUE(CT_PATH, ca_file), .must_exist = true, .key = "ca_file", .def = "",
     .help = "PEM file of the certificate authorities to trust. Empty: the system's."},
    {VENUE(CT_BOOL, deflate), .key = "deflate", .def = "no",
     .help = "Offer permessage-deflate: less traffic, more processor time."},
    {VENUE(CT_U32, rest_weight_per_min), .key = "rest_weight_per_min", .def = "0", .min = 0,
     .max = 100000,
     .help = "REST budget a minute in the venue's own weight; 0 = half of what it allows."},
    {VENUE(CT_U32, rotate_s), .key = "rotate_s", .def = "0", .min = 0, .max = 604800, .unit = "s",
     .help = "A connection is replaced after so long; 0 = shortly before the venue closes it."},
    {.section = CS_VENUE,
     .type = CT_U8,
     .base = KB_SEGMENT,
     .size = 1,
     .key = "segments",
     .def = "1",
     .min = 1,
     .max = 255,
     .help = "Market segments taken, as a sum: 1 main, 2 second (Binance COIN-M)."},

    {CONF(CS_STORE, CT_TEXT, db_conninfo), .key = "database", .def = "",
     .help = "libpq connection string, `dbname=cascaded host=/run/postgresql`. Hosts may have "
             "names: they are looked up for each connection. Empty: no database."},
    {CONF(CS_STORE, CT_TEXT, store_writer), .key = "writer", .def = "main",
     .help = "Daemons of one writer stand by for each other: one of them writes and publishes. "
             "Holds until a restart."},
    {CONF(CS_STORE, CT_U32, store_takeover_ms), .key = "takeover_ms", .def = "2000", .min = 200,
     .max = 60000, .unit = "ms",
     .help = "One that stands by leads within so long after the server has seen the other's "
             "connection end: it publishes, and stores what comes from then on. It looks after an "
             "eighth to a quarter of it. Measures are taken each second, so their first rows come "
             "up to 1 s later."},
    {CONF(CS_STORE, CT_U32, store_hang_ms), .key = "hang_ms", .def = "15000", .min = 0,
     .max = 600000, .unit = "ms",
     .help = "The server ends the connection of one that leads and has said nothing for so long "
             "(at least `takeover_ms`); it says that it lives three times as often. 0: never."},
    {CONF(CS_STORE, CT_U32, store_flush_ms), .key = "flush_ms", .def = "1000", .min = 20,
     .max = 60000, .unit = "ms", .help = "Rows wait at most so long for a batch."},
    {CONF(CS_STORE, CT_U32, store_memory_mb), .key = "memory_mb", .def = "64", .min = 8,
     .max = 16384, .unit = "MiB",
     .help = "Rows kept in memory while they wait; beyond, they are read back from the spool, or, "
             "without one, the oldest are shed and counted."},
    {CONF(CS_STORE, CT_U32, store_batch_rows), .key = "batch_rows", .def = "5000", .min = 1,
     .max = 100000, .help = "Rows in one transaction at most."},
    {CONF(CS_STORE, CT_U32, store_durable_ms), .key = "durable_ms", .def = "5000", .min = 100,
     .max = 600000, .unit = "ms",
     .help = "So often a commit waits for the database's disk; the spool keeps what is newer."},
    {CONF(CS_STORE, CT_PATH, spool_dir), .key = "spool_dir", .def = "/var/lib/cascaded/spool",
     .help = "Folder of the write-ahead spool. Empty: rows wait in memory only."},
    {CONF(CS_STORE, CT_U32, spool_limit_mb), .key = "spool_limit_mb", .def = "4096", .min = 64,
     .max = 16777216, .unit = "MiB",
     .help = "Size of the bulk spool; beyond, its oldest segment is shed and counted."},
    {CONF(CS_STORE, CT_U32, spool_sync_ms), .key = "spool_sync_ms", .def = "1000", .min = 10,
     .max = 60000, .unit = "ms",
     .help = "The bulk spool is synced so often: at most so much is lost with the power."},
    {CONF(CS_STORE, CT_U32, spool_zstd_level), .key = "spool_zstd_level", .def = "1", .min = 0,
     .max = 9, .help = "Compression of the spool; 0 = none."},
    {CONF(CS_STORE, CT_U32, store_partition_ahead_days), .key = "partition_ahead_days", .def = "3",
     .min = 1, .max = 60, .unit = "days", .help = "Day partitions made ahead of time."},
    {CONF(CS_STORE, CT_U32, retention_days), .key = "retention_days", .def = "90", .min = 0,
     .max = 36500, .unit = "days",
     .help = "Facts older than this are dropped, a day at a time; 0 = keep all."},
    {CONF(CS_STORE, CT_U32, retention_1m_days), .key = "retention_1m_days", .def = "365", .min = 0,
     .max = 36500, .unit = "days",
     .help = "One-minute rollups older than this are dropped, a month at a time; 0 = keep all."},
    {CONF(CS_STORE, CT_BOOL, store_rollup_1m), .key = "rollup_1m", .def = "yes",
     .help = "One-minute rollups of the metrics of assets: last, lowest and highest value."},
    {CONF(CS_STORE, CT_U32, store_asset_period_s), .key = "asset_period_s", .def = "10", .min = 1,
     .max = 3600, .unit = "s",
     .help = "A row of asset metrics each so many seconds, while the asset has no alert. The "
             "one-minute rollups see every second all the same."},
    {CONF(CS_STORE, CT_U32, store_hot_period_s), .key = "hot_period_s", .def = "1", .min = 1,
     .max = 3600, .unit = "s",
     .help = "The same while an alert of the asset is pending or firing; scenarios and sides are "
             "then kept each time they are computed."},
    {CONF(CS_STORE, CT_U32, store_hot_before_s), .key = "hot_before_s", .def = "120", .min = 0,
     .max = 3600, .unit = "s",
     .help = "And for so long before it, kept in memory: with 64 assets on 4 venues 0.26 MiB for "
             "each second."},
    {CONF(CS_STORE, CT_U32, store_hot_after_s), .key = "hot_after_s", .def = "300", .min = 0,
     .max = 86400, .unit = "s", .help = "And for so long after the last one has ended."},
    {CONF(CS_STORE, CT_U32, store_feed_period_s), .key = "feed_period_s", .def = "10", .min = 1,
     .max = 3600, .unit = "s", .help = "A row of feed metrics each so many seconds."},
    {CONF(CS_STORE, CT_U32, store_scenario_period_s), .key = "scenario_period_s", .def = "10",
     .min = 1, .max = 3600, .unit = "s",
     .help = "A row of each cascade scenario in so many seconds; they are computed every 5."},

    {CONF(CS_SERVE, CT_PATH, socket_path), .key = "socket_path", .def = "/run/cascaded/alerts.sock",
     .help = "Where the socket is made. A socket passed by systemd is used instead."},
    {CONF(CS_SERVE, CT_OCTAL, socket_mode), .key = "socket_mode", .def = "0660", .min = 0600,
     .max = 0777, .help = "Permissions of the socket."},
    {CONF(CS_SERVE, CT_TEXT, socket_group), .key = "socket_group", .def = "cascaded-desk",
     .help = "Group of the socket. Empty: the daemon's own."},
    {CONF(CS_SERVE, CT_U32, client_max), .key = "client_max", .def = "64", .min = 1, .max = 4096,
     .help = "Clients at a time; one more is told so and closed."},
    {CONF(CS_SERVE, CT_U32, client_soft_kb), .key = "client_soft_kb", .def = "256", .min = 16,
     .max = 65536, .unit = "KiB",
     .help = "Unread output above which a client gets only the latest state of each alert."},
    {CONF(CS_SERVE, CT_U32, client_hard_kb), .key = "client_hard_kb", .def = "4096", .min = 64,
     .max = 1048576, .unit = "KiB",
     .help = "Unread output (with what waits for it) above which a client is closed with reason "
             "slow; at least twice client_soft_kb."},
    {CONF(CS_SERVE, CT_U32, request_max_kb), .key = "request_max_kb", .def = "64", .min = 1,
     .max = 4096, .unit = "KiB", .help = "Longest request line."},
    {CONF(CS_SERVE, CT_U32, history_alerts), .key = "history_alerts", .def = "4096", .min = 16,
     .max = 1048576, .help = "Alert transitions kept for clients that come back with a cursor."},
    {CONF(CS_SERVE, CT_TEXT, desk_group), .key = "desk_group", .def = "cascaded-desk",
     .help = "Members may also acknowledge. Empty: nobody."},
    {CONF(CS_SERVE, CT_TEXT, admin_group), .key = "admin_group", .def = "",
     .help =
         "Members may also reload. The daemon's own user and root always may. Empty: nobody else."},

    {CONF(CS_TAPE, CT_PATH, tape_dir), .key = "dir", .def = "/var/lib/cascaded/tape",
     .help = "Folder of the tape. Empty: none is recorded."},
    {CONF(CS_TAPE, CT_U32, tape_segment_mb), .key = "segment_mb", .def = "256", .min = 1,
     .max = 4096, .unit = "MiB",
     .help = "A file of the tape is closed at this size (before compression)."},
    {CONF(CS_TAPE, CT_U32, tape_segment_s), .key = "segment_s", .def = "3600", .min = 10,
     .max = 86400, .unit = "s", .help = "... or at this age."},
    {CONF(CS_TAPE, CT_U32, tape_keep_mb), .key = "keep_mb", .def = "20480", .min = 1,
     .max = 1000000000, .unit = "MiB",
     .help = "The oldest files are deleted when all together are larger."},

    {RULE(CT_TEXT, metric), .key = "metric", .def = "",
     .help = "What is judged: a metric's name, with its table (`m_asset.oi_usd`) when several "
             "tables have it."},
    {RULE(CT_BOOL, below), .key = "below", .def = "no",
     .help = "Raise when the value falls to the threshold."},
    {RULE(CT_BOOL, absolute), .key = "absolute", .def = "no",
     .help = "Judge the value without its sign."},
    {RULE(CT_BOOL, fast), .key = "fast", .def = "no",
     .help = "Judge at the end of each loop turn that touched the subject, not only each second."},
    {RULE(CT_U32, keep_s), .key = "keep_s", .def = "0", .min = 0, .max = 86400, .unit = "s",
     .help = "Keep firing so long after the value has cleared."},
    {RULE(CT_LEVEL, level[0]), .key = "info", .def = "",
     .help = "`raise X clear Y for S`: fires when X is reached for S seconds, clears at Y."},
    {RULE(CT_LEVEL, level[1]), .key = "warning", .def = "", .help = "The same, as a warning."},
    {RULE(CT_LEVEL, level[2]), .key = "critical", .def = "", .help = "The same, critical."},
    {RULE(CT_LIST, venues), .key = "venues", .def = "", .help = "Only these. Empty: all."},
    {RULE(CT_LIST, assets), .key = "assets", .def = "", .help = "Only these. Empty: all."},
    {RULE(CT_LIST, channels), .key = "channels", .def = "",
     .help = "Only these, for metrics of feeds. Empty: all."},
    {RULE(CT_TEXT, summary), .key = "summary", .def = "",
     .help =
         "What people read; {asset} {venue} {channel} {value} {unit} {threshold} are filled in."},
};
const int n_conf_keys = sizeof(conf_keys) / sizeof(conf_keys[0]);
_Static_assert(sizeof(conf_keys) / sizeof(conf_keys[0]) <= CONF_KEYS_MAX, "raise CONF_KEYS_MAX");

const void *conf_at_const(const struct conf *c, const struct conf_key *k, int i, int route)
{
    const char *base = (const char *)c;
    if (k->base == KB_ROUTE)
        return c->venue[i].url[route];
    if (k->base == KB_SEGMENT)
        return &c->engine.segments[i];
    if (k->base == KB_VENUE)
        base = (const char *)&c->venue[i];
    else if (k->base == KB_RULE)
        base = (const char *)&c->rules[i];
    return base + k->offset;
}

void *conf_at(struct conf *c, const struct conf_key *k, int i, int route)
{
    return (char *)c + ((const char *)conf_at_const(c, k, i, route) - (const char *)c);
}
