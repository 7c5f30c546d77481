/* What a lane sends next: batches read back from the spool, their rows as this program's, those
 * that are ours to store into the outbox; batches without one are passed. In: the spool and the
 * lease. Out: a filled outbox. The surprising thing: a batch is loaded before it is known whether
 * its run is registered, so that a daemon that only stands by registers none. */
#include "store/store_priv.h"

#define PASS_MAX 64

/* A row of another daemon's time; one that is read again counts once. */
static void drop_row(struct writer *l, struct write_pos at)
{
    if (!pos_behind(at, l->dropped))
        return;
    l->dropped = at;
    l->s->st.rows_dropped++;
    writer_pending(l, -1);
}

/* A row of the batch into the outbox, when it is ours to store. */
static enum lease_says load_row(struct writer *l, const struct spool_item *it,
                                const struct spool_row *in, uint32_t no, bool *full)
{
    struct store *s = l->s;
    struct row *r = &s->moved;
    int rc = spool_map_row(l->map, in, r);
    if (rc < 0)
        store_lost_of(s, (enum lane_id)l->id, in->t_us); /* not a row of its head: cannot happen */
    if (rc != 1)
        return LEASE_DROP;
    int64_t t_us = lease_time(r->stream, r->t_us, r->data, r->len);
    enum lease_says says = lease_judge(&s->lease, t_us, store_now(s));
    if (says == LEASE_DROP)
        drop_row(l, (struct write_pos){it->epoch, it->batch.seq, no});
    if (says != LEASE_WRITE)
        return says;
    if (r->stream == ST_GAP_END || r->stream == ST_UNKNOWN_END) {
        row_own(r);
        lease_clamp(&s->lease, r);
    }
    *full = !outbox_add(&l->out, r, no);
    return says;
}

/* Rows of the batch, from the one the lane stands at, into the outbox; false when it is not known
 * yet of all of them whether they are ours. What the batch lies in is held as long as the outbox
 * has rows of it. */
static bool load_batch(struct writer *l, const struct spool_item *it)
{
    size_t pos = 0;
    bool next = it->epoch == l->at.epoch && it->batch.seq == l->at.seq + 1, full = false;
    uint32_t no = 0, from = next ? l->at.row : 0;
    struct spool_row in;
    l->out_seq = it->batch.seq;
    l->out_n = it->batch.n_rows;
    l->out_block = it->block;
    while (!full &&
           spool_get_row((const uint8_t *)it->batch.rows.p, it->batch.rows.len, &pos, &in) == 1) {
        if (++no <= from)
            continue;
        if (load_row(l, it, &in, no, &full) == LEASE_WAIT) {
            writer_drop_out(l);
            return false;
        }
    }
    l->out_last = !full;
    outbox_seal(&l->out);
    if (outbox_empty(&l->out))
        writer_drop_out(l);
    return true;
}

/* 1 = the outbox has rows of *it, 0 = nothing to do (now), E_AGAIN. Batches without a row for us
 * are passed, so many at a time: then others have their turn. That is not the end of the spool: who
 * took it for that would go on with its own run, past what an earlier one has left. */
int writer_find(struct writer *l, struct spool_item *it)
{
    for (int tries = 0; tries < PASS_MAX; tries++) {
        int rc = spool_read(l->spool, l->at.epoch, l->at.seq, it);
        if (rc == 0) /* what was found at the start may have been stored before */
            l->pending = l->build.n_rows;
        if (rc == 0 || rc == E_AGAIN)
            return rc;
        if (rc < 0)
            continue; /* told as lost, the next one follows */
        if (it->epoch != l->map_epoch && !writer_take_head(l, it))
            return E_AGAIN;
        writer_drop_out(l);
        if (spool_keep(l->spool, it) < 0) {
            writer_away(l, "out of memory");
            return E_AGAIN;
        }
        if (!load_batch(l, it))
            return 0;
        if (!outbox_empty(&l->out))
            return 1;
        l->at = (struct write_pos){it->epoch, it->batch.seq, 0};
    }
    store_kick_soon(l->s);
    return E_AGAIN;
}

/* 1 = the outbox holds something, or a job was begun; 0 = nothing to do; E_AGAIN. */
int writer_next(struct writer *l)
{
    struct spool_item it;
    int rc = writer_find(l, &it);
    if (rc != 1)
        return rc;
    l->holds = HOLDS_BATCH;
    if (it.epoch != l->run_epoch) {
        writer_drop_out(l);
        l->holds = HOLDS_NOTHING;
        writer_send_run(l, it.batch.seq - 1);
    }
    return 1;
}
