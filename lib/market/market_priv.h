/* What the files of the market share. Private to lib/market/market*.c. */
#ifndef MARKET_MARKET_PRIV_H
#define MARKET_MARKET_PRIV_H

#include "market/delay.h"
#include "market/market.h"

#define SEC            1000000ll
#define STAMP_MAX_US   (60 * SEC) /* a venue stamp further from receipt is not used */
#define RESTART_US     (5 * SEC)  /* nothing newer for so long: lower numbers are a new sequence */
#define TTL_DEFAULT_S  5
#define COINS_MAX      64
#define COIN_TTL_US    (60 * SEC)
#define LONG_TTL_US    (960 * SEC) /* three polls of account ratios, and one that is late */
#define DELAY_CHANNELS 64          /* of a venue that are watched */
#define TRADE_IDS      512         /* remembered trade ids per slot, in sets of TRADE_WAYS */
#define TRADE_WAYS     8
#define SMALL_BOOK     64 /* levels of a coarse view */
#define NO_SLOT        UINT16_MAX

struct coin { /* USD per unit */
    char name[12];
    double usd;                     /* median of the venues */
    double at[DIR_VENUES_MAX];      /* what each says */
    int64_t t_us[DIR_VENUES_MAX];   /* 0 = it never did */
    uint32_t asset[DIR_VENUES_MAX]; /* what it is wrapped of there, by its alias; ASSET_NONE */
    double units[DIR_VENUES_MAX];   /* of that asset in one coin */
};

struct slot_priv {
    struct book *spare[MARKET_VIEWS]; /* coarse views; shown in slot.book once the venue has them */
    uint8_t book_channel[MARKET_VIEWS];
    enum qty_unit book_unit;
    bool book_broken; /* a sequence gap was told to live and is open */
    uint32_t unset;   /* bit per series the venue says there is no value for */
    double ct_size;   /* as of tracking: a change restarts the slot */
    int8_t linear;
    enum qty_unit ct_unit;
    uint16_t next; /* in the group of its venue and asset, by directory id */
    int64_t trade_id[TRADE_IDS];
    bool trade_seen[TRADE_IDS];
};

struct bulk { /* per instrument of the directory, tracked or not */
    double oi_qty, mark, volume_usd, volume_base;
    int64_t t_volume_us; /* 0 = never */
    bool oi_is_usd;      /* else base units of the instrument */
    uint8_t differs;     /* open interest figures in a row that the venue values otherwise */
    bool oi_disputed;    /* ... too often or by too much */
    int64_t t_mark_us;   /* of mark; 0 = never */
};

struct market {
    struct market_conf conf;
    struct directory *dir;
    struct live *live;
    int n_slots; /* high-water mark */
    struct slot *slot;
    struct slot_priv *priv;
    struct series_rings *rings;            /* S_IDS of each slot */
    uint16_t slot_of[DIR_INSTRUMENTS_MAX]; /* NO_SLOT */
    struct bulk bulk[DIR_INSTRUMENTS_MAX];
    uint16_t group[DIR_VENUES_MAX][DIR_ASSETS_MAX]; /* first slot of a venue and asset */
    uint16_t primary[DIR_VENUES_MAX][DIR_ASSETS_MAX];
    uint8_t chan[DIR_VENUES_MAX][EV_KINDS];  /* channel + 1 that gives the kind; 0 unknown */
    uint8_t chan2[DIR_VENUES_MAX][EV_KINDS]; /* of the second segment */
    int n_coins;
    struct coin coin[COINS_MAX];
    struct funds funds;
    struct delay delay[DIR_VENUES_MAX][DELAY_CHANNELS];
    /* the run of specs with ord 0, 1, 2 ... that is arriving */
    uint8_t run_venue;
    char run_dex[12];
    int32_t run_next; /* -1: none */
    uint64_t count[DIR_VENUES_MAX][MC_COUNTS];
};

/* A coin's own index names no instrument. E_NOSPEC (it is none), E_RANGE, E_LIMIT. */
int coin_apply(struct market *m, uint8_t venue, const struct event *e) MUST_CHECK;

/* Forgets what a slot knows; its contract may have changed. */
void slot_restart(struct market *m, uint16_t k, int64_t now_us);

/* Longest age of a level of this kind, microseconds. */
int64_t market_ttl_us(const struct market *m, uint8_t venue, enum event_kind kind);

/* Row of the feed of a kind for a slot: its own, else the venue's; NULL when not known. */
const struct live_row *market_feed(const struct market *m, const struct slot *s,
                                   enum event_kind kind);

/* What one unit of a book's quantity is. 0, or E_UNIT while the contract is not proven. */
int market_book_unit(const struct instrument *i, enum qty_unit unit, double *ct_size,
                     bool *inverse);

#endif
