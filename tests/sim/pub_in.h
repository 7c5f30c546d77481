/* Between the files of publishing: pub.c (the step, Binance, Hyperliquid), pub_bybit.c, pub_okx.c.
 * Nobody else includes it. */
#ifndef SIM_PUB_IN_H
#define SIM_PUB_IN_H

#include "sim/pub.h"
#include "sim/view.h"

/* Empties p->buf when the stream is wanted; false when it is not. */
bool pub_begin(struct sim_pub *p, enum sim_stream_kind k, int inst);
void pub_send(struct sim_pub *p, enum sim_stream_kind k, int inst);
bool pub_wanted(struct sim_pub *p, enum sim_stream_kind k, int inst);
bool pub_top_moved(struct sim_pub *p, int inst);

/* The published window of an instrument's book, made when first asked for. */
struct sim_view *pub_view(struct sim_pub *p, enum sim_stream_kind k, int inst, int depth);
/* Both sides anew without telling anybody; what was told before no longer holds. */
void pub_view_refresh(struct sim_view *v, const struct sim_book *b);

struct pub_bybit *pub_bybit_new(void); /* NULL: no memory */
void pub_bybit_free(struct pub_bybit *x);
void pub_bybit_step(struct sim_pub *p);
bool pub_bybit_first(struct sim_pub *p, enum sim_stream_kind k, int inst);

struct pub_okx *pub_okx_new(void);
void pub_okx_free(struct pub_okx *x);
void pub_okx_step(struct sim_pub *p);
bool pub_okx_first(struct sim_pub *p, enum sim_stream_kind k, int inst);

#endif
