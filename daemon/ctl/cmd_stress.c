/* `cascadectl stress BTC=-5% ETH=-7%`: what a shock would set off, per venue and pooled. Each asset
 * is asked for by itself, on its own book: nothing spreads from one to the other. Every page says
 * that it is modelled. In: ASSET=SHOCK arguments; out: a table of 80 columns, or the answers as
 * NDJSON. */
#include "ctl.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* "BTC=-5%", "BTC=-0.05"; the asset is what stands before '='. */
static bool parse_shock(const char *arg, char asset[24], double *shock_frac)
{
    const char *eq = strrchr(arg, '=');
    size_t n = eq ? (size_t)(eq - arg) : 0;
    char *end;
    if (!eq || n == 0 || n >= 24)
        return false;
    memcpy(asset, arg, n);
    asset[n] = 0;
    *shock_frac = strtod(eq + 1, &end);
    if (end == eq + 1 || !isfinite(*shock_frac) || *shock_frac == 0)
        return false;
    if (*end == '%') {
        *shock_frac /= 100;
        end++;
    }
    return *end == 0;
}

/* "-7.31 %", with the sign of the shock. */
static const char *show_pct(double frac, double sign, char buf[24])
{
    if (isfinite(frac))
        snprintf(buf, 24, "%.2f %%", (sign < 0 ? -100 : 100) * frac);
    else
        snprintf(buf, 24, "-");
    return buf;
}

static void show_answer(const char *who, const json_t *a, double sign)
{
    char final[24], liq[24], crit[24], cov[24], meas[24], amp[24], r[24];
    const char *why = json_string_value(json_object_get(a, "unknown"));
    if (why)
        snprintf(final, sizeof(final), "%s", why);
    else
        show_pct(get_num(a, "final_frac"), sign, final);
    printf("%-12.12s %-10.10s %-7.7s %-9.9s %-9.9s %-7.7s %-8.8s %s\n", who, final,
           show_num(round(get_num(a, "amp") * 1000) / 1000, amp),
           show_num(get_num(a, "liq_usd"), liq), show_pct(get_num(a, "crit_frac"), sign, crit),
           show_num(round(get_num(a, "r_mech_1pct") * 1000) / 1000, r),
           show_pct(get_num(a, "cov_frac"), sign, cov), show_pct(get_num(a, "meas_frac"), 1, meas));
}

static void show_stress(const json_t *s)
{
    char shock[24], t[24];
    double sign = get_num(s, "shock_frac");
    const json_t *list = json_object_get(s, "venues"), *missing = json_object_get(s, "missing");
    bool news = strcmp(get_str(s, "scenario"), "news") == 0;
    printf("%s %s at %s UTC, %s\n", get_str(s, "asset"), show_pct(fabs(sign), sign, shock),
           show_time(get_int(s, "t_eval_us"), t),
           news ? "news: the book re-quotes at the shocked price"
                : "flow: the shock eats the standing book");
    printf("%s\n\n", get_str(s, "quality"));
    printf("VENUE        ENDS AT    AMPLIF  LIQ USD   CRITICAL  R 1 %%   BOOK TO  MEASURED\n");
    if (json_is_object(json_object_get(s, "pooled")))
        show_answer("all pooled", json_object_get(s, "pooled"), sign);
    for (size_t i = 0; i < json_array_size(list); i++)
        show_answer(get_str(json_array_get(list, i), "venue"), json_array_get(list, i), sign);
    for (size_t i = 0; i < json_array_size(missing); i++)
        printf("%s%s: %s%s",
               i ? ", " : "\nnot in the pool: ", get_str(json_array_get(missing, i), "venue"),
               get_str(json_array_get(missing, i), "reason"),
               i + 1 == json_array_size(missing) ? "\n" : "");
    printf("\n");
}

static void show_notes(int n)
{
    printf("CRITICAL  the smallest shock that runs as far again; - none up to 25 %%\n"
           "R 1 %%     forced sales over book depth within 1 %%; from 1 on it feeds itself\n"
           "BOOK TO   how far the book was measured; MEASURED: its share of the depth within\n"
           "          10 %%, the rest is continued with the mean density seen\n");
    if (n > 1)
        printf("Each shock on its own book: nothing spreads from one asset to the other.\n");
}

static json_t *params_of(const struct opts *o, const char *asset, double shock_frac)
{
    json_t *p = json_object();
    json_object_set_new(p, "asset", json_string(asset));
    json_object_set_new(p, "shock_frac", json_real(shock_frac));
    if (o->scenario)
        json_object_set_new(p, "scenario", json_string(o->scenario));
    if (o->venue)
        json_object_set_new(p, "venue", json_string(o->venue));
    return p;
}

int cmd_stress(struct conn *c, const struct opts *o)
{
    char asset[24];
    double shock_frac;
    for (int i = 0; i < o->n_args; i++)
        if (!parse_shock(o->args[i], asset, &shock_frac)) {
            fprintf(stderr, "cascadectl: stress: \"%s\" is not like BTC=-5%%\n", o->args[i]);
            return CTL_USAGE;
        }
    for (int i = 0; i < o->n_args; i++) {
        json_t *reply;
        parse_shock(o->args[i], asset, &shock_frac);
        int rc = conn_call(c, "stress", params_of(o, asset, shock_frac), &reply);
        if (rc != CTL_OK)
            return rc;
        if (o->json)
            conn_print_raw(c, "result");
        else
            show_stress(json_object_get(reply, "result"));
        json_decref(reply);
    }
    if (!o->json)
        show_notes(o->n_args);
    return CTL_OK;
}
