/* What the bulk lane asks of the database once an hour: partitions ahead of time, and those behind
 * the retention dropped. In: the configuration. Only the daemon that writes asks; a failure is
 * logged and tried again, never in the way of rows. */
#include "store/store_priv.h"

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
    if (rc >= 0 && s->d.conf->store_rollup_1m)
        rc = db_query(l->db, "SELECT cascade_risk.mend_rollups()", NULL, 0);
    writer_send_group(l, JOB_MAINTENANCE, rc);
}

void writer_maintenance_done(struct writer *l, const struct db_fail *f)
{
    if (f) {
        l->s->t_maintenance_us = store_now(l->s) + MAINTENANCE_AGAIN_US;
        log_line(LOG_LV_WARNING, "store: partitions were not renewed (%s: %s), next try in 60 s",
                 f->sqlstate, f->text);
    }
    writer_kick(l);
}
