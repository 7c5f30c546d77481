/* What the files of the configuration share: the key table and the functions on one row of it. Not
 * for other modules. A row names its section, key, type, place, default text, range, unit and help;
 * reading, printing, the sample file and docs/CONFIG.md all come from it. */
#ifndef DAEMON_CONF_PRIV_H
#define DAEMON_CONF_PRIV_H

#include "conf.h"

enum conf_type {
    CT_BOOL,     /* bool: yes, no */
    CT_U32,      /* uint32_t in min..max */
    CT_U8,       /* uint8_t in min..max */
    CT_OCTAL,    /* uint32_t written as 0660 */
    CT_PATH,     /* char[]: relative to the file's folder; "" = none */
    CT_TEXT,     /* char[] */
    CT_LIST,     /* char[]: by comma; the key may stand on several lines, which add up */
    CT_ENUM,     /* char[]: one of choices */
    CT_URL,      /* char[]: starts with one of choices; "" = none */
    CT_ADDRESS,  /* char[]: IPv4 or IPv6 literal; "" = none */
    CT_UNIVERSE, /* engine_conf.top_n or assets: "top:50" or names */
    CT_LEVEL,    /* struct rule_level: "raise X clear Y for S" */
    CT_TYPES
};

enum conf_base { /* what offset counts from */
                 KB_CONF,
                 KB_VENUE,   /* struct conf_venue */
                 KB_ROUTE,   /* its url[route]; the key is "url_" and the route's name */
                 KB_SEGMENT, /* engine_conf.segments[venue] */
                 KB_RULE     /* struct rule */
};

enum conf_section {
    CS_CASCADED,
    CS_UNIVERSE,
    CS_VENUE,
    CS_STORE,
    CS_SERVE,
    CS_TAPE,
    CS_RULE,
    CS_ALIASES,
    CS_NONE
};

struct conf_key {
    uint8_t section, type, base;
    bool must_exist; /* paths: checked when a file is loaded */
    const char *key;
    size_t offset, size;
    const char *def; /* as it would stand in the file */
    uint32_t min, max;
    const char *unit, *choices, *help;
};

#define CONF_KEYS_MAX 80
#define CONF_LINE_MAX 190

extern const struct conf_key conf_keys[];
extern const int n_conf_keys;

struct conf_section_doc {
    const char *name, *help;
};
extern const struct conf_section_doc conf_sections[CS_NONE];

/* Where the row's value lives. i: venue or rule index; route: of KB_ROUTE. */
void *conf_at(struct conf *c, const struct conf_key *k, int i, int route);
const void *conf_at_const(const struct conf *c, const struct conf_key *k, int i, int route);

struct conf_value {
    const char *text;
    const char *dir; /* folder for relative paths; NULL = leave them */
    bool first;      /* nothing of this key has been read yet: lists start anew */
};
/* Sets from text. On failure nothing changed and why says what is wrong. */
int conf_set(const struct conf_key *k, void *at, const struct conf_value *v,
             struct text *why) MUST_CHECK;
void conf_put(const struct conf_key *k, const void *at,
              struct text *out); /* the value, as conf_set reads it */

/* "top:50" or names, into c->engine. */
int conf_set_universe(struct engine_conf *e, const char *v, bool first,
                      struct text *why) MUST_CHECK;
/* "raise X clear Y for S" */
int conf_set_level(struct rule_level *l, const char *v, struct text *why) MUST_CHECK;

/* The candidate nearest to word when it is near enough to be a typing error; else NULL. */
struct conf_near {
    const char *word, *best;
    int distance;
};
void conf_near_try(struct conf_near *n, const char *candidate);
const char *conf_near_get(const struct conf_near *n);

/* The reading of one file. */
enum conf_kind { CK_MAIN, CK_RULES, CK_ASSETS };
struct conf_in {
    struct conf *c;
    struct conf_errors *errs;
    const char *file, *dir; /* dir NULL: paths stay as they are */
    enum conf_kind kind;
    const char *p, *end; /* what is left of the text */
    int line;
    enum conf_section section;
    int index;     /* of the venue or rule */
    bool begun;    /* a section header has been seen */
    bool rule_bad; /* the open rule already has an error */
    int rule_line; /* of the open rule's header */
    bool seen_section[CS_NONE], seen_venue[DIR_VENUES_MAX], seen_route[CONN_ROUTES];
    int row_line[CONF_KEYS_MAX];  /* where a row of this section was last set; 0 = not */
    int once_line[CONF_KEYS_MAX]; /* the same of KB_CONF rows, kept to the end */
    char name[CONF_LINE_MAX + 1];
};
void conf_error(struct conf_in *in, const char *key, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
void conf_read(struct conf_in *in);
void conf_rule_end(struct conf_in *in); /* checks the rule that was being read */
void conf_rule_begin(struct conf_in *in, const char *name);
void conf_alias(struct conf_in *in, const char *venue, const char *rest);

/* conninfo without passwords, key=value form and URI form. */
void conf_mask(const char *conninfo, struct text *out);

/* The sample configuration: every key with its default and help. */
void conf_sample(struct text *out);

#endif
