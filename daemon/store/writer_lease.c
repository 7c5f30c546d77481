/* The lease, as the lanes have it: the alert lane's connection takes it, or asks again and again
 * whether it may; its lock falls free with the connection. Both lanes name their term in every
 * transaction, so one that was overtaken without noticing is refused (SQLSTATE CR002). In: answers
 * of the database. Out: the role, told to whoever publishes. Nobody is overtaken by itself: an
 * earlier connection of the same node that still lingers is waited for. */
#include "store/store_priv.h"

#include <stdio.h>
#include <string.h>

#define AGAIN_MS 1000 /* at most, while only an own connection is in the way */
#define CLOCK    "(extract(epoch FROM clock_timestamp()) * 1000000)::bigint"

uint32_t store_hang_ms(const struct store *s)
{
    const struct conf *c = s->d.conf;
    bool less = c->store_hang_ms < c->store_takeover_ms;
    return c->store_hang_ms && less ? c->store_takeover_ms : c->store_hang_ms;
}

/* ---- asking --------------------------------------------------------------------------------- */

bool store_leads_surely(const struct store *s)
{
    return s->lease.role == ROLE_LEADER && s->lease.t_due_us == LEASE_FOREVER &&
           s->writer[LANE_ALERT].state == STORE_READY;
}

bool store_lease_due(const struct store *s)
{
    return s->on && store_now(s) >= s->lease.t_due_us;
}

static void wait_for(struct store *s, uint32_t ms)
{
    if (!s->finishing)
        uv_timer_start(&s->probe, store_on_probe, ms, 0);
}

static void plan(struct store *s, uint32_t ms)
{
    ms = store_jitter(s, ms);
    s->lease.t_due_us = store_now(s) + (int64_t)ms * 1000;
    wait_for(s, ms);
}

void store_on_probe(uv_timer_t *t)
{
    struct store *s = t->data;
    if (s->writer[LANE_ALERT].job == JOB_LEASE)
        s->held_up = true;
    else if (s->lease.t_due_us == LEASE_FOREVER)
        s->t_pulse_us = 0;
    else
        s->lease.t_due_us = 0;
    writer_kick(&s->writer[s->held_up ? LANE_BULK : LANE_ALERT]);
}

void writer_send_lease(struct writer *l)
{
    uint8_t from[8];
    struct store *s = l->s;
    struct lease *a = &s->lease;
    int64_t from_us = lease_from(a, store_now(s));
    if (!a->asking) /* else the last request may have been granted, its answer lost */
        a->t_from_us = from_us;
    a->asking = true;
    a->took = a->newest_is_own = false;
    a->newest_term = 0;
    const struct db_param p[] = {text_param(s->writer_name), text_param(a->node),
                                 text_param(s->d.instance), time_param(from, from_us)};
    a->t_asked_us = store_now(s);
    int rc = db_query(
        l->db, "SELECT cascade_risk.lease_take($1, $2::uuid, $3::uuid, $4)::integer, " CLOCK, p, 4);
    if (rc >= 0)
        rc = db_query(l->db,
                      "SELECT (node = $2::uuid)::integer, term FROM cascade_risk.writer_lease"
                      " WHERE writer = $1 ORDER BY term DESC LIMIT 1",
                      p, 2);
    if (rc >= 0)
        rc = db_query(
            l->db,
            "SELECT term, CASE WHEN isfinite(t_taken) THEN"
            " (extract(epoch FROM t_taken) * 1000000)::bigint ELSE -9223372036854775807 END,"
            " CASE WHEN t_lost IS NULL THEN 9223372036854775807 ELSE"
            " (extract(epoch FROM t_lost) * 1000000)::bigint END FROM cascade_risk.writer_lease"
            " WHERE writer = $1 AND node = $2::uuid ORDER BY term DESC LIMIT 256",
            p, 2);
    s->held_up = false;
    wait_for(s, s->d.conf->store_takeover_ms / 4);
    writer_send_group(l, JOB_LEASE, rc);
}

/* Once the session's lock is ours only a transaction of the one before can be in the way of the
 * lease: of one that was stopped in the middle of sending. Its rows are in its spool. */
void writer_send_unblock(struct writer *l)
{
    uint8_t pid[8];
    const struct store *s = l->s;
    const struct db_param p = int_param(pid, OID_I8, db_pid(s->writer[LANE_ALERT].db));
    l->s->held_up = false;
    wait_for(l->s, s->d.conf->store_takeover_ms / 4);
    writer_send_group(l, JOB_UNBLOCK,
                      db_query(l->db,
                               "SELECT count(pg_terminate_backend(a.pid)) FROM pg_stat_activity a"
                               " WHERE a.pid = ANY (pg_blocking_pids($1::integer))"
                               " AND a.usename = current_user"
                               " AND a.application_name LIKE 'cascaded/%'",
                               &p, 1));
}

void writer_unblock_rows(struct writer *l, const struct db_rows *r)
{
    if (db_int(r, 0, 0) > 0)
        log_line(LOG_LV_WARNING,
                 "store: writer %s: ended the transaction of a daemon that had lost "
                 "its lead and still held the lease",
                 l->s->writer_name);
}

static void note_clock(struct store *s, int64_t server_us)
{
    struct lease *a = &s->lease;
    if (!lease_note_clock(a, server_us, store_now(s)))
        return;
    if (a->clock_apart)
        log_line(
            LOG_LV_WARNING,
            "store: the clock of the database is %.3f s from this host's: at a takeover rows of "
            "as much time may be missing",
            (double)a->clock_us / 1e6);
    else
        log_line(LOG_LV_NOTICE, "store: the clocks of the database and of this host agree again");
}

void writer_lease_rows(struct writer *l, int stmt, const struct db_rows *r)
{
    struct lease *a = &l->s->lease;
    if (stmt == 0)
        note_clock(l->s, db_int(r, 0, 1));
    if (l->job == JOB_PULSE)
        return;
    if (stmt == 0)
        a->took = db_int(r, 0, 0) != 0;
    if (stmt == 1 && db_count(r) > 0) {
        a->newest_is_own = db_int(r, 0, 0) != 0;
        a->newest_term = db_int(r, 0, 1);
    }
    if (stmt != 2)
        return;
    a->n = db_count(r) < LEASE_WINDOWS ? db_count(r) : LEASE_WINDOWS;
    for (int i = 0; i < a->n; i++)
        a->window[i] = (struct lease_window){db_int(r, i, 0), db_int(r, i, 1), db_int(r, i, 2)};
}

static void say_role(struct store *s, enum lease_role was)
{
    const struct lease *a = &s->lease;
    const char *writer = s->writer_name;
    if (a->role == ROLE_STANDBY && was == ROLE_LEADER)
        log_line(LOG_LV_WARNING,
                 "store: another daemon has taken over as writer %s (term %lld): standing by; rows "
                 "accepted before the takeover are still stored, later ones are its own",
                 writer, (long long)a->newest_term);
    else if (a->role == ROLE_STANDBY)
        log_line(LOG_LV_NOTICE,
                 "store: another daemon runs as writer %s (term %lld): standing by, nothing is "
                 "published or stored until its connection ends",
                 writer, (long long)a->newest_term);
    else if (was == ROLE_STANDBY)
        log_line(LOG_LV_WARNING, "store: took over as writer %s, term %lld", writer,
                 (long long)lease_term(a));
    else
        log_line(LOG_LV_NOTICE, "store: runs as writer %s, term %lld", writer,
                 (long long)lease_term(a));
}

/* What is not needed for the first rows is done after them. */
static void take_over(struct store *s)
{
    s->hurry = true;
    s->t_maintenance_us = store_now(s) + MAINTENANCE_LATER_US;
    for (int i = 0; i < LANES; i++)
        writer_assume_today(&s->writer[i]);
    store_rows_soon(s);
}

static void become(struct store *s, enum lease_role role)
{
    enum lease_role was = (enum lease_role)s->lease.role;
    if (was == role)
        return;
    s->lease.role = (uint8_t)role;
    s->lease.t_role_us = store_now(s);
    say_role(s, was);
    s->hurry = false;
    s->first_from_us = 0;
    if (role == ROLE_LEADER && was == ROLE_STANDBY)
        take_over(s);
    else if (role == ROLE_LEADER)
        s->t_maintenance_us = 0;
    if (s->d.role)
        s->d.role(s->d.arg, role);
}

/* ---- that it lives -------------------------------------------------------------------------- */

static void plan_pulse(struct store *s)
{
    uint32_t ms = store_hang_ms(s) / 3;
    s->t_pulse_us = ms ? store_now(s) + (int64_t)ms * 1000 : LEASE_FOREVER;
    if (ms)
        wait_for(s, ms);
}

bool store_pulse_due(const struct store *s)
{
    return s->lease.t_due_us == LEASE_FOREVER && store_now(s) >= s->t_pulse_us;
}

/* Whatever is said keeps the server from ending the connection, see hang_ms. */
void writer_send_pulse(struct writer *l)
{
    struct store *s = l->s;
    s->lease.t_asked_us = store_now(s);
    s->t_pulse_us = LEASE_FOREVER;
    writer_send_group(l, JOB_PULSE, db_query(l->db, "SELECT 1, " CLOCK, NULL, 0));
}

void writer_pulse_answered(struct writer *l)
{
    plan_pulse(l->s);
    writer_kick(l);
}

/* ---- the answer ----------------------------------------------------------------------------- */

void writer_lease_answered(struct writer *l)
{
    struct store *s = l->s;
    struct lease *a = &s->lease;
    uint32_t ms = s->d.conf->store_takeover_ms / 4;
    a->known = true;
    s->held_up = false;
    if (a->took)
        become(s, ROLE_LEADER);
    else if (!a->newest_is_own)
        become(s, ROLE_STANDBY);
    a->asking = false;
    if (a->took)
        a->t_due_us = LEASE_FOREVER;
    else
        plan(s, a->newest_is_own && ms > AGAIN_MS ? AGAIN_MS : ms);
    if (a->took)
        plan_pulse(s);
    for (int i = 0; i < LANES; i++)
        writer_kick(&s->writer[LANES - 1 - i]);
}

/* ---- being refused -------------------------------------------------------------------------- */

/* A lane was refused: whose rows are whose is asked anew before anything more is sent. */
void writer_fenced(struct writer *l)
{
    struct store *s = l->s;
    log_line(LOG_LV_WARNING, "store: lane %s was refused: another daemon has taken over",
             lane_name((enum lane_id)l->id));
    s->st.fenced++;
    s->lease.known = false;
    s->lease.t_due_us = 0;
    writer_forget(l);
    writer_kick(&s->writer[LANE_ALERT]);
}

/* A new connection of the alert lane has no lock; the old one's is gone, or will be. */
void writer_lease_lost(struct writer *l)
{
    if (l->id == LANE_ALERT)
        l->s->lease.t_due_us = 0;
}

/* As first statement of what does not move a position. */
int writer_query_fence(struct writer *l)
{
    uint8_t term[8];
    const struct db_param p[] = {text_param(l->s->writer_name),
                                 int_param(term, OID_I8, lease_term(&l->s->lease)),
                                 {OID_TIME, NULL, 0}};
    return db_query(l->db, "SELECT cascade_risk.lease_check($1, $2, $3)", p, 3);
}
