#!/bin/sh
# A read replica of the database: base backup over a slot, hot standby, then asked how far it is. Run it as the user
# who is to own the replica's server, with a connection that may replicate. Changes nothing on the primary but the slot.
#
#   replica.sh make CONNINFO DIR [--port N] [--socket DIR] [--listen ADDRESSES] [--slot NAME]
#   replica.sh status CONNINFO_OF_REPLICA      how far it is behind
#   replica.sh drop CONNINFO DIR               stops it, removes DIR and its slot
set -eu

usage() {
    sed -n '2,7p' "$0" | sed 's/^# \{0,1\}//' >&2
    exit 2
}

say() {
    echo "replica: $*" >&2
}

bin_dir() {
    for d in $(find /usr/lib/postgresql -mindepth 2 -maxdepth 2 -name bin 2>/dev/null | sort -t/ -k5 -rn) \
        "$(pg_config --bindir 2>/dev/null || true)"; do
        if [ -x "$d/pg_ctl" ] && [ -x "$d/pg_basebackup" ]; then
            echo "$d"
            return 0
        fi
    done
    say "no PostgreSQL server programs found (Debian package postgresql)"
    return 1
}

# Readers may run for a minute (their statement_timeout): feedback keeps vacuum from taking rows they see, and a
# dropped day waits as long for them. The configuration of the primary may lie elsewhere, then there is none here.
configure() { # DIR PORT SOCKET LISTEN
    cat >>"$1/postgresql.auto.conf" <<CONF
port = '$2'
unix_socket_directories = '$3'
listen_addresses = '$4'
hot_standby = 'on'
hot_standby_feedback = 'on'
max_standby_streaming_delay = '60s'
CONF
    [ -f "$1/postgresql.conf" ] || : >"$1/postgresql.conf"
    [ -f "$1/pg_hba.conf" ] || printf 'local all all peer\nhost all cascaded_reader samenet scram-sha-256\n' >"$1/pg_hba.conf"
    [ -f "$1/pg_ident.conf" ] || : >"$1/pg_ident.conf"
}

make() {
    [ $# -ge 2 ] || usage
    primary=$1
    dir=$2
    shift 2
    port=5432 socket=/var/run/postgresql listen='' slot=''
    while [ $# -gt 1 ]; do
        case "$1" in
        --port) port=$2 ;;
        --socket) socket=$2 ;;
        --listen) listen=$2 ;;
        --slot) slot=$2 ;;
        *) usage ;;
        esac
        shift 2
    done
    [ $# -eq 0 ] || usage
    [ -n "$slot" ] || slot=cascaded_replica_$port
    if [ -e "$dir" ] && [ -n "$(ls -A "$dir" 2>/dev/null)" ]; then
        say "$dir is not empty"
        return 1
    fi
    bins=$(bin_dir)
    "$bins/pg_basebackup" -d "$primary" -D "$dir" -X stream -C -S "$slot" -R -c fast || {
        say "no base backup; a slot $slot that was there before is not touched"
        return 1
    }
    chmod 700 "$dir"
    configure "$dir" "$port" "$socket" "$listen"
    "$bins/pg_ctl" -D "$dir" -l "$dir/replica.log" -t 120 -w start >/dev/null || {
        say "it did not start; end of its log:"
        tail -n 20 "$dir/replica.log" >&2
        return 1
    }
    say "runs on port $port; slot $slot keeps what it has not fetched on the primary: bound that there with"
    say "  ALTER SYSTEM SET max_slot_wal_keep_size = '20GB'; SELECT pg_reload_conf();"
}

status() {
    [ $# -eq 1 ] || usage
    psql -X -v ON_ERROR_STOP=1 "$1" <<'SQL'
SELECT pg_is_in_recovery() AS replica, pg_wal_lsn_diff(pg_last_wal_receive_lsn(), pg_last_wal_replay_lsn()) AS unapplied_bytes,
       extract(epoch FROM now() - pg_last_xact_replay_timestamp()) AS last_commit_s,
       extract(epoch FROM now() - (SELECT max(t) FROM cascade_risk.m_process)) AS newest_row_s;
SQL
}

# Only of a replica: the file says that it is one.
drop() {
    [ $# -eq 2 ] || usage
    if [ ! -f "$2/PG_VERSION" ] || [ ! -f "$2/standby.signal" ]; then
        say "$2 is not a replica"
        return 1
    fi
    slot=$(sed -n "s/^primary_slot_name = '\(.*\)'/\1/p" "$2/postgresql.auto.conf" | tail -n 1)
    [ ! -f "$2/postmaster.pid" ] || "$(bin_dir)/pg_ctl" -D "$2" -m fast -t 60 -w stop >/dev/null
    psql -XAtq -v ON_ERROR_STOP=1 -v slot="$slot" "$1" <<'SQL'
SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE slot_name = :'slot';
SQL
    rm -rf "$2"
}

[ $# -ge 1 ] || usage
verb=$1
shift
case "$verb" in
make) make "$@" ;;
status) status "$@" ;;
drop) drop "$@" ;;
*) usage ;;
esac
