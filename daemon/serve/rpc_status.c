/* status: one object that answers "is it well, and if not, what is it?". Counters are listed by the
 * names of their tables, so a new counter appears here by itself; those that are zero are left out
 * where there are many. */
#include "serve/rpc.h"

#include <stdio.h>
#include <string.h>

static void open_object(struct text *t, const char *key)
{
    text_key(t, key);
    text_char(t, '{');
}

static void out_build(struct rpc_call *r, const struct shell_status *sh)
{
    struct text *t = r->out;
    text_kv_str(t, "version", CASCADED_VERSION);
    text_kv_str(t, "instance", r->s->instance);
    text_kv_str(t, "role", r->s->standby ? "standby" : "leader");
    text_kv_i64(t, "epoch", r->s->d.epoch);
    text_kv_i64(t, "now_us", r->now_us);
    text_kv_i64(t, "t_start_us", sh->t_start_us);
    text_kv_num(t, "uptime_s", (double)(r->now_us - sh->t_start_us) / 1e6);
    text_kv_str(t, "conf_file", sh->conf_file);
    text_kv_i64(t, "t_reload_us", sh->t_reload_us);
    text_kv_str(t, "reload_error", sh->reload_error[0] ? sh->reload_error : NULL);
}

static void out_universe(struct rpc_call *r, const struct engine *e)
{
    struct text *t = r->out;
    const struct risk *risk = engine_risk(e);
    open_object(t, "universe");
    text_kv_bool(t, "ranked", engine_ranked(e));
    text_kv_i64(t, "tracked", risk_assets(risk));
    text_key(t, "assets");
    text_char(t, '[');
    for (int i = 0; i < risk_assets(risk); i++) {
        out_item(t);
        text_json(t, slice_of(directory_asset_name(engine_directory(e), risk_asset_at(risk, i))));
    }
    text_str(t, "]}");
}

static void out_engine(struct rpc_call *r, const struct engine *e)
{
    struct text *t = r->out;
    open_object(t, "engine");
    for (int c = 0; c < EC_COUNTS; c++)
        text_kv_i64(t, engine_count_name((enum engine_count)c),
                    (int64_t)engine_counter(e, (enum engine_count)c));
    text_kv_i64(t, "instruments", directory_count(engine_directory(e)));
    text_kv_i64(t, "values_refused", (int64_t)risk_refused(engine_risk(e)));
    text_kv_i64(t, "alerts_refused", (int64_t)alerts_refused(engine_alerts(e)));
    text_char(t, '}');
}

/* Per venue: how many events of each kind its texts held. */
static void out_events(struct rpc_call *r, const struct engine *e)
{
    struct text *t = r->out;
    open_object(t, "events");
    for (int v = 0; v < n_venues; v++) {
        if (!(r->s->venues & 1u << v))
            continue;
        open_object(t, venues[v]->name);
        for (int k = 0; k < EV_KINDS; k++)
            text_kv_i64(t, event_kind_name((enum event_kind)k),
                        (int64_t)engine_events(e, (uint8_t)v, (enum event_kind)k));
        text_char(t, '}');
    }
    text_char(t, '}');
}

/* Per venue: what became of events, and why texts were refused. */
static void out_market(struct rpc_call *r, const struct engine *e)
{
    struct text *t = r->out;
    open_object(t, "market");
    for (int v = 0; v < n_venues; v++) {
        if (!(r->s->venues & 1u << v))
            continue;
        open_object(t, venues[v]->name);
        for (int c = 0; c < MC_COUNTS; c++)
            text_kv_i64(
                t, market_count_name((enum market_count)c),
                (int64_t)market_counter(engine_market(e), (uint8_t)v, (enum market_count)c));
        open_object(t, "texts_refused");
        for (int code = 1; code < E_ERRS; code++) {
            uint64_t n = engine_refused_by(e, (uint8_t)v, -code);
            if (n)
                text_kv_i64(t, err_text(-code), (int64_t)n);
        }
        text_str(t, "}}");
    }
    text_char(t, '}');
}

static void out_channels(struct rpc_call *r, const struct engine *e)
{
    const struct live *l = market_live(engine_market(e));
    uint32_t n[LIVE_STATES] = {0};
    for (int i = 0; i < live_count(l); i++)
        if (live_at(l, i) && live_at(l, i)->state < LIVE_STATES)
            n[live_at(l, i)->state]++;
    open_object(r->out, "channels");
    for (int s = 0; s < LIVE_STATES; s++)
        text_kv_i64(r->out, live_state_name((enum live_state)s), n[s]);
    text_char(r->out, '}');
}

static void put_spool(struct text *t, const char *key, const struct spool_status *s)
{
    text_key(t, key);
    text_char(t, '{');
    text_kv_i64(t, "files", (int64_t)s->files);
    text_kv_i64(t, "disk_bytes", s->disk_bytes);
    text_kv_i64(t, "memory_bytes", s->memory_bytes);
    text_kv_i64(t, "appended_seq", (int64_t)s->appended_seq);
    text_kv_i64(t, "durable_seq", (int64_t)s->durable_seq);
    text_kv_i64(t, "recovered_rows", (int64_t)s->recovered_rows);
    text_kv_i64(t, "torn_tails", (int64_t)s->torn_tails);
    text_kv_i64(t, "lost_rows", (int64_t)s->lost_rows);
    text_kv_i64(t, "errors", (int64_t)s->errors);
    text_kv_str(t, "disk_error", s->last_errno ? strerror(s->last_errno) : NULL);
    text_char(t, '}');
}

static void out_store(struct rpc_call *r)
{
    struct text *t = r->out;
    struct store_status st;
    const struct store *s = r->s->d.store(r->s->d.arg);
    text_key(t, "store");
    if (!s) {
        text_str(t, "null");
        return;
    }
    memset(&st, 0, sizeof(st));
    store_get_status(s, &st);
    text_char(t, '{');
    text_kv_str(t, "state", store_state_name((enum store_state)st.state));
    text_kv_str(t, "writer", st.writer);
    text_kv_str(t, "role", lease_role_name((enum lease_role)st.role));
    text_kv_i64(t, "term", st.term);
    text_kv_i64(t, "t_role_us", st.t_role_us);
    text_kv_num(t, "clock_offset_s", st.clock_known ? (double)st.clock_us / 1e6 : NAN);
    text_kv_i64(t, "rows_dropped", (int64_t)st.rows_dropped);
    text_kv_i64(t, "fenced", (int64_t)st.fenced);
    text_kv_i64(t, "rows_written", (int64_t)st.rows_written);
    text_kv_i64(t, "rows_queued", st.rows_queued);
    text_kv_i64(t, "queue_max", st.queue_max);
    text_kv_i64(t, "rows_shed", (int64_t)st.rows_shed);
    text_kv_i64(t, "rows_refused", (int64_t)st.rows_refused);
    text_kv_i64(t, "alerts_merged", (int64_t)st.alerts_merged);
    text_kv_i64(t, "refused_unkept", (int64_t)st.refused_unkept);
    text_kv_i64(t, "batches", (int64_t)st.batches);
    text_kv_i64(t, "failures", (int64_t)st.failures);
    text_kv_i64(t, "reconnects", (int64_t)st.reconnects);
    put_spool(t, "spool_bulk", &st.bulk);
    put_spool(t, "spool_alert", &st.alert);
    text_kv_i64(t, "t_ready_us", st.t_ready_us);
    text_kv_i64(t, "t_retry_us", st.t_retry_us);
    text_kv_i64(t, "t_last_commit_us", st.t_last_commit_us);
    text_kv_i64(t, "schema_version", st.schema_version);
    text_kv_i64(t, "schema_wanted", st.schema_wanted);
    text_kv_i64(t, "run_id", st.run_id);
    text_kv_i64(t, "missing_columns", (int64_t)st.missing_columns);
    text_kv_str(t, "missing", st.missing[0] ? st.missing : NULL);
    text_kv_str(t, "last_error", st.last_error[0] ? st.last_error : NULL);
    text_char(t, '}');
}

static void out_process(struct text *t, const struct shell_status *sh)
{
    open_object(t, "tape");
    text_kv_str(t, "file", sh->tape_file[0] ? sh->tape_file : NULL);
    text_kv_i64(t, "bytes", (int64_t)sh->tape_bytes);
    text_kv_i64(t, "records", (int64_t)sh->tape_records);
    text_kv_i64(t, "dropped", (int64_t)sh->tape_dropped);
    text_char(t, '}');
    open_object(t, "process");
    text_kv_i64(t, "rss_kb", (int64_t)sh->rss_kb);
    text_kv_num(t, "loop_lag_ms", sh->loop_lag_ms);
    text_kv_num(t, "loop_lag_p99_ms", sh->loop_lag_p99_ms);
    text_kv_num(t, "tick_ms", sh->tick_ms);
    text_kv_num(t, "tick_p99_ms", sh->tick_p99_ms);
    text_kv_i64(t, "ticks", (int64_t)sh->ticks);
    text_kv_i64(t, "ticks_skipped", (int64_t)sh->ticks_skipped);
    text_kv_i64(t, "clock_steps", (int64_t)sh->clock_steps);
    text_kv_num(t, "clock_step_s", sh->clock_step_s);
    text_char(t, '}');
}

static void out_alert_counts(struct rpc_call *r, const struct engine *e)
{
    const struct alerts *as = engine_alerts(e);
    uint32_t state[4] = {0}, severity[4] = {0}, acked = 0, inhibited = 0;
    for (int i = 0; i < alerts_count(as); i++) {
        const struct alert *a = alerts_at(as, i);
        if (!a)
            continue;
        state[a->state & 3]++;
        severity[a->severity & 3] += a->state == AS_FIRING;
        acked += a->acked;
        inhibited += a->inhibited;
    }
    struct text *t = r->out;
    open_object(t, "alerts");
    text_kv_i64(t, "seq", (int64_t)stream_seq(r->s, r->s->history.last_n));
    text_kv_i64(t, "pending", state[AS_PENDING]);
    text_kv_i64(t, "firing", state[AS_FIRING]);
    open_object(t, "firing_by_severity");
    for (int s = SEV_INFO; s <= SEV_CRITICAL; s++)
        text_kv_i64(t, severity_name((uint8_t)s), severity[s]);
    text_char(t, '}');
    text_kv_i64(t, "acked", acked);
    text_kv_i64(t, "inhibited", inhibited);
    text_kv_i64(t, "rules", alerts_rules(as));
    text_char(t, '}');
}

static void out_serve(struct rpc_call *r)
{
    const struct serve_status *st = &r->s->st;
    struct text *t = r->out;
    open_object(t, "socket");
    text_kv_str(t, "path", r->s->path);
    text_kv_i64(t, "clients", st->clients);
    text_kv_i64(t, "subscribers", st->subscribers);
    text_kv_i64(t, "accepted", (int64_t)st->accepted);
    text_kv_i64(t, "refused", (int64_t)st->refused);
    text_kv_i64(t, "requests", (int64_t)st->requests);
    text_kv_i64(t, "errors", (int64_t)st->errors);
    text_kv_i64(t, "dropped_slow", (int64_t)st->dropped_slow);
    text_kv_i64(t, "coalesced", (int64_t)st->coalesced);
    text_char(t, '}');
}

enum rpc_err rpc_status(struct rpc_call *r)
{
    const struct engine *e = r->s->d.engine(r->s->d.arg);
    struct shell_status sh;
    memset(&sh, 0, sizeof(sh));
    r->s->d.shell(r->s->d.arg, &sh);
    text_char(r->out, '{');
    out_build(r, &sh);
    out_links(r, "feeds", -1);
    out_rest(r, "rest", -1);
    out_channels(r, e);
    out_universe(r, e);
    out_alert_counts(r, e);
    out_engine(r, e);
    out_events(r, e);
    out_market(r, e);
    out_store(r);
    out_process(r->out, &sh);
    out_serve(r);
    text_char(r->out, '}');
    return RPC_OK;
}
