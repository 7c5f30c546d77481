/* A venue: one const row of tables and pure functions. Adapters translate, they do not compute;
 * they keep no state and touch no socket. The whole list is venues[] in venue.c; grep finds it. */
#ifndef VENUE_VENUE_H
#define VENUE_VENUE_H

#include "base/err.h"
#include "base/text.h"
#include "facts/batch.h"
#include "facts/directory.h"
#include "facts/origin.h"
#include "facts/want.h"

enum channel_transport { CH_WS, CH_REST };
enum channel_scope { CH_ALL, CH_INSTRUMENT };
enum channel_role {
    ROLE_START, /* wanted as soon as the venue is enabled: specs, bulk figures, whole-market streams
                 */
    ROLE_TRACKED,  /* wanted for each tracked instrument */
    ROLE_SNAPSHOT, /* REST, wanted on demand when a book needs it */
    ROLE_FILE      /* never fetched: read from a file (tiers) or only decoded */
};

struct venue_channel {
    const char *name; /* in feeds.list, feed_gap, m_feed, request names: "depth" */
    uint8_t transport, scope, role;
    uint8_t route;     /* WS: index into venue.routes; see also venue.route */
    uint32_t events;   /* 1u << EV_* it can give */
    uint16_t first_s;  /* longest wait from subscription to first datum; 0 = no limit. A sparse
                          channel may have one too: it is judged only by feed_unheard_frac */
    uint16_t silent_s; /* longest silence once it has spoken; 0 = sparse, judged by cross-checks */
    uint16_t period_s; /* polls: wanted period */
    uint16_t weight;   /* REST: cost against venue.rest.weight_per_min */
    uint8_t priority;  /* smaller first */
    uint8_t snapshot_for; /* ROLE_SNAPSHOT: the stream channel it repairs; CHANNEL_NONE else */
    uint8_t view;         /* EV_BOOK view it gives */
    const char *help;     /* one sentence for docs/VENUES.md */
    uint8_t segments; /* bit per segment of the venue it serves: wanted when one is taken, for the
                         instruments of it; 0 = all */
};

struct venue_channel_doc { /* the rest of a channel's row in docs/VENUES.md */
    const char *variants;  /* the texts that are understood */
    const char *zero;      /* is 0 a value? */
    const char *evidence;  /* the venue's page that decides the meaning */
};

struct venue_doc {      /* the prose of a venue's section in docs/VENUES.md */
    uint32_t recorded;  /* bit per channel: texts of it were recorded, not only documented */
    const char *limits; /* what the venue allows, by its own pages */
    const char *bans;   /* what it does to those who exceed it */
    const char *gaps;   /* what its public data does not tell, or we do not read; "; " between */
};

struct venue_route {      /* one kind of websocket connection */
    const char *name;     /* "public" */
    const char *url;      /* default; base and path, "wss://fstream.binance.com/public/stream" */
    uint16_t max_streams; /* subscriptions a connection carries at most */
};

struct venue_limits {
    uint32_t weight_per_min; /* REST budget we allow ourselves (below the venue's own) */
    uint16_t rest_in_flight; /* requests under way at once */
    uint16_t rest_per_s;
    uint16_t msg_per_s;        /* client messages a second and connection */
    uint16_t connects_per_min; /* new connections a minute, all of the venue */
    uint16_t subs_per_h; /* messages that subscribe or unsubscribe, an hour and connection; 0 = no
                            limit */
    uint16_t sub_batch;  /* subscriptions in one message at most (1 = one each) */
    uint32_t rotate_s;   /* planned life of a connection; 0 = no limit */
    uint16_t ping_s;     /* text ping period; 0 = none (RFC pings are answered anyway) */
    uint16_t ack_s;      /* an ack is late after this; 0 = the venue acks nothing */
};

struct sub_message { /* what one websocket message asks for */
    const struct want *wants;
    int n;      /* <= limits.sub_batch, all of one route */
    bool on;    /* subscribe, or unsubscribe */
    int64_t id; /* echoed by venues that echo ids */
};

struct rest_request {
    char name[64];  /* "depth:BTCUSDT": enters engine_ingest as origin.req */
    char path[256]; /* with query; appended to the REST base */
    char body[256]; /* "" = GET, else POST with this JSON */
    bool second;    /* asked of venue.rest2_url */
};

typedef int parse_fn(const struct directory *dir, const struct origin *o, const char *text,
                     size_t len, struct batch *out);

struct venue {
    const char *name;
    const struct venue_channel *channels;
    const struct venue_channel_doc *channel_docs; /* one per channel */
    const struct venue_doc *doc;
    int n_channels;
    const char *also; /* request names that are decoded but are no channel */
    const struct venue_route *routes;
    int n_routes;
    const char *rest_url;  /* "https://fapi.binance.com" */
    const char *rest2_url; /* of a second segment with a host of its own; NULL = none */
    struct venue_limits limits;
    enum coverage liq_coverage; /* of its public liquidation feed */
    bool liq_public;            /* false: there is none */
    uint32_t merged;  /* bit per pushed channel that tells only what changed: what it told holds
                         while it lives */
    uint64_t listing; /* bit per REST channel whose body names every instrument of its kind: what is
                         on it no longer has been delisted */

    /* Text -> events. 0 or E_*; on failure out holds nothing usable and the text is refused whole.
     */
    parse_fn *parse;

    /* Writes the message; E_LIMIT when out is too small. */
    int (*subscribe)(const struct directory *dir, const struct sub_message *m, struct text *out);
    /* The route that serves a channel for this instrument, where categories of instruments have
     * connections of their own; NULL = the channel's route serves all. */
    uint8_t (*route)(const struct directory *dir, uint8_t channel, uint32_t inst);
    /* The text ping; NULL when ping_s is 0. */
    int (*ping)(struct text *out);
    /* The REST request of a poll or snapshot want. */
    int (*request)(const struct directory *dir, const struct want *w, struct rest_request *out);
    /* Turns the request of the first page into that of the page whose cursor an answer told of
     * (ASK_NEXT_PAGE); NULL where no answer has pages. */
    int (*next_page)(struct slice cursor, struct rest_request *io);
    /* Does a venue notice or error text mean that a ban or back-off is due? Seconds to stay away, 0
     * = no. http_status 0 for websocket texts; retry_after_s -1 when the header was absent. */
    int (*backoff_s)(int http_status, int retry_after_s, struct slice body);
};

extern const struct venue *const venues[];
extern const int n_venues;

/* Index by name, or -1. */
int venue_find(struct slice name);
/* Channel index by name, or CHANNEL_NONE. */
uint8_t venue_channel_find(const struct venue *v, struct slice name);
/* "depth:BTCUSDT", "markPrice": a want's name as texts, logs and requests show it. */
void want_name(const struct directory *dir, const struct want *w, struct text *out);

#endif
