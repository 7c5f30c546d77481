/* Partitions: of the days that rows lie in, before they are sent, and once an hour of the days
 * ahead, and those behind the retention dropped; and the rollups that killed runs lack. In: the
 * configuration. Only the daemon that writes asks; a failure is logged and tried again, never in
 * the way of rows. The surprising thing: who takes over believes that today's partitions are there,
 * as whoever it follows was writing into them; when not, the refused batch has them made. */
#include "store/store_priv.h"

#define DAY_US INT64_C(86400000000)

/* ---- days ----------------------------------------------------------------------------------- */

int64_t writer_day(int64_t t_us)
{
    return t_us >= 0 ? t_us / DAY_US : -((DAY_US - 1 - t_us) / DAY_US);
}

static bool day_known(const struct writer *l, int64_t day)
{
    for (int i = 0; i < l->days; i++)
        if (l->day[i] == day)
            return true;
    return false;
}

static void know_day(struct writer *l, int64_t day)
{
    if (l->days == DAYS_KNOWN)
        l->days = 0;
    l->day[l->days++] = day;
}

void writer_assume_today(struct writer *l)
{
    int64_t today = writer_day(store_now(l->s));
    if (!day_known(l, today))
        know_day(l, today);
}

/* Asks for the partitions of the first day in the part that is not known to have them. */
bool writer_send_day(struct writer *l, struct part p)
{
    uint8_t buf[8];
    const struct part_sum *m = writer_sum(l, p);
    for (int i = 0; i < m->days; i++) {
        int64_t day = m->day[i];
        if (day_known(l, day))
            continue;
        know_day(l, day);
        struct db_param param = int_param(buf, OID_I8, day);
        writer_send_group(
            l, JOB_DAYS,
            db_query(l->db,
                     "SELECT cascade_risk.ensure_partitions(0, DATE '1970-01-01' + $1::integer)",
                     &param, 1));
        return true;
    }
    return false;
}

/* ---- once an hour --------------------------------------------------------------------------- */

void writer_send_maintenance(struct writer *l)
{
    struct store *s = l->s;
    uint8_t ahead[8], keep[8];
    struct db_param p = int_param(ahead, OID_I8, s->d.conf->store_partition_ahead_days);
    s->t_maintenance_us = store_now(s) + MAINTENANCE_US;
    l->days = 0;
    int rc = db_query(l->db, "SELECT cascade_risk.ensure_partitions($1::integer)", &p, 1);
    if (rc >= 0 && s->d.conf->retention_days > 0) {
        p = int_param(keep, OID_I8, s->d.conf->retention_days);
        rc = db_query(l->db, "SELECT cascade_risk.drop_partitions($1::integer)", &p, 1);
    }
    if (rc >= 0 && s->d.conf->retention_1m_days > 0) {
        p = int_param(keep, OID_I8, s->d.conf->retention_1m_days);
        rc = db_query(l->db, "SELECT cascade_risk.drop_rollups($1::integer)", &p, 1);
    }
    writer_send_group(l, JOB_MAINTENANCE, rc);
}

/* Behind the partitions, not with them: their locks would hold up the other lane for as long. */
void writer_maintenance_done(struct writer *l, enum job job, const struct db_fail *f)
{
    if (f) {
        l->s->t_maintenance_us = store_now(l->s) + MAINTENANCE_AGAIN_US;
        log_line(LOG_LV_WARNING, "store: %s (%s: %s), next try in 60 s",
                 job == JOB_MEND ? "rollups were not mended" : "partitions were not renewed",
                 f->sqlstate, f->text);
    } else if (job == JOB_MAINTENANCE && l->s->d.conf->store_rollup_1m) {
        writer_send_group(l, JOB_MEND,
                          db_query(l->db, "SELECT cascade_risk.mend_rollups()", NULL, 0));
        return;
    }
    writer_kick(l);
}
