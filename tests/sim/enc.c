/* Fixed-point texts shared by both venues' encoders: prices are whole numbers of 10^-dec, so that
 * what is printed is exactly what the book holds. */
#include "sim/enc.h"

#include <math.h>

static const double pow10_of[] = {1, 10, 100, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10};

void enc_units(struct text *out, int64_t units, int dec, bool trim)
{
    char buf[40];
    int n = (int)sizeof buf, i = 0;
    uint64_t u = units < 0 ? (uint64_t)-units : (uint64_t)units;
    while (trim && dec > 1 && u % 10 == 0) {
        u /= 10;
        dec--;
    }
    do {
        if (i == dec && dec > 0)
            buf[--n] = '.';
        buf[--n] = (char)('0' + u % 10);
        u /= 10;
        i++;
    } while (u || i <= dec);
    if (units < 0)
        buf[--n] = '-';
    text_put(out, buf + n, sizeof buf - (size_t)n);
    if (trim && dec == 0)
        text_str(out, ".0");
}

void enc_fixed(struct text *out, double x, int dec, bool trim)
{
    enc_units(out, (int64_t)llround(x * pow10_of[dec]), dec, trim);
}

void enc_slot_px(struct text *out, const struct sim_inst *in, int64_t slot, bool trim)
{
    enc_units(out, sim_slot_units(in, slot), in->grid.px_dec, trim);
}

void enc_lots(struct text *out, const struct sim_inst *in, int64_t lots, bool trim)
{
    enc_units(out, lots, in->grid.qty_dec, trim);
}

int64_t enc_to_units(double x, int dec)
{
    return (int64_t)llround(x * pow10_of[dec]);
}

void enc_trim(struct text *out, int64_t units, int dec)
{
    while (dec > 0 && units % 10 == 0) {
        units /= 10;
        dec--;
    }
    enc_units(out, units, dec, false);
}

int64_t enc_now_ms(const struct sim_market *m)
{
    return sim_market_now_us(m) / 1000;
}

int64_t enc_next_funding_ms(const struct sim_market *m, const struct sim_inst *in)
{
    int64_t h = (int64_t)sim_funding_hours(in) * 3600000;
    return (enc_now_ms(m) / h + 1) * h;
}
