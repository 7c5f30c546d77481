/* What a lane sends next: batches read back from the spool, those rows of them that are ours to
 * store in the outbox; batches without one are passed. In: the spool and the lease. Out: a filled
 * outbox. The surprising thing: a batch is loaded before it is known whether its run is registered,
 * so that a daemon that only stands by registers none. */
#include "store/store_priv.h"

#define PASS_MAX 64

/* 1 = the outbox has rows of l->out_epoch, 0 = nothing to do (now), E_AGAIN. Batches without a row
 * for us are passed, so many at a time: then others have their turn. That is not the end of the
 * spool: who took it for that would go on with its own run, past what an earlier one has left. */
int writer_find(struct writer *l)
{
    for (int tries = 0; tries < PASS_MAX; tries++) {
        int rc = writer_load(l, l->at);
        if (rc == 0) /* what was found at the start may have been stored before */
            l->pending = 0;
        if (rc == 0 || rc == E_AGAIN)
            return rc;
        if (rc < 0)
            continue; /* told as lost, the next one follows */
        writer_drop_out(l);
        if (!writer_load_take(l))
            return 0;
        if (!outbox_empty(&l->out))
            return 1;
        l->at = (struct write_pos){l->out_epoch, l->out_seq, 0};
    }
    store_kick_soon(l->s);
    return E_AGAIN;
}

/* 1 = the outbox holds something, or a job was begun; 0 = nothing to do; E_AGAIN. */
int writer_next(struct writer *l)
{
    int rc = writer_find(l);
    if (rc != 1)
        return rc;
    l->holds = HOLDS_BATCH;
    if (l->out_epoch != l->run_epoch) {
        writer_drop_out(l);
        l->holds = HOLDS_NOTHING;
        writer_send_run(l, l->out_first - 1);
    }
    return 1;
}
