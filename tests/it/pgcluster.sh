#!/bin/sh
# A private PostgreSQL cluster for tests and the demo. Data and socket live in a fresh directory under
# the system's temporary directory; only a UNIX socket listens, so no port can collide. PostgreSQL
# refuses to run as root: as root the cluster belongs to the user postgres. Each cluster remembers who
# started it (pid and start time); `start` first removes those whose owner is gone.
#
#   pgcluster.sh start [--owner PID] [--durable]   prints the cluster's directory
#   pgcluster.sh env DIR                           prints PGHOST=... lines for eval, and CONNINFO
#   pgcluster.sh down DIR | up DIR                 stops and starts its server (tests of an outage)
#   pgcluster.sh stop DIR                          stops it and removes everything
#   pgcluster.sh sweep                             only removes stale ones
set -eu

tmp_root() {
    t=${TMPDIR:-/tmp}
    # a socket path holds 107 bytes; the cluster's owner must be able to pass through
    if [ ${#t} -gt 60 ] || [ ! -d "$t" ] || ! as_owner test -x "$t"; then t=/tmp; fi
    echo "$t"
}

bin_dir() {
    # newest version first
    for d in $(find /usr/lib/postgresql -mindepth 2 -maxdepth 2 -name bin 2>/dev/null | sort -t/ -k5 -rn) \
        "$(pg_config --bindir 2>/dev/null || true)"; do
        if [ -x "$d/initdb" ]; then
            echo "$d"
            return 0
        fi
    done
    echo "pgcluster: no PostgreSQL server programs found (Debian package postgresql)" >&2
    return 1
}

as_owner() {
    if [ "$(id -u)" -eq 0 ]; then
        (cd / && exec runuser -u postgres -- "$@")
    else
        (cd / && exec "$@")
    fi
}

# Field 22 of /proc/PID/stat, counted after the ')' that ends the program's name.
start_time() {
    sed 's/.*) //' "/proc/$1/stat" 2>/dev/null | cut -d' ' -f20
}

owner_alive() { # DIR
    read -r pid when <"$1/owner" 2>/dev/null || return 1
    [ -n "$pid" ] && [ -n "$when" ] && [ "$(start_time "$pid")" = "$when" ]
}

server_stop() { # DIR MODE
    as_owner "$(bin_dir)/pg_ctl" -D "$1/data" -m "$2" -t 20 -w stop >/dev/null 2>&1
}

server_start() { # DIR
    as_owner "$(bin_dir)/pg_ctl" -D "$1/data" -l "$1/log" -t 60 -w start >/dev/null || {
        echo "pgcluster: the server did not start; end of its log:" >&2
        tail -n 20 "$1/log" >&2
        return 1
    }
}

remove() { # DIR
    case "$1" in */cascaded-pg.??????) ;; *)
        echo "pgcluster: $1 is not a cluster of this script" >&2
        return 1 ;;
    esac
    [ -d "$1" ] && [ ! -L "$1" ] || return 0
    if [ -f "$1/data/postmaster.pid" ]; then
        server_stop "$1" fast || server_stop "$1" immediate || true
    fi
    rm -rf "$1"
}

# Only directories that are ours: owned by us, or by postgres when we are root.
sweep() {
    me=$(id -un)
    for d in "$(tmp_root)"/cascaded-pg.??????; do
        if [ ! -d "$d" ] || [ -L "$d" ] || [ ! -f "$d/owner" ]; then continue; fi
        who=$(stat -c %U "$d")
        if [ "$who" != "$me" ] && { [ "$me" != root ] || [ "$who" != postgres ]; }; then continue; fi
        owner_alive "$d" || remove "$d"
    done
}

configure() { # DIR DURABLE
    fsync=off
    [ "$2" = yes ] && fsync=on
    as_owner tee -a "$1/data/postgresql.conf" >/dev/null <<CONF
listen_addresses = ''
unix_socket_directories = '$1'
port = 5432
max_connections = 40
shared_buffers = 64MB
fsync = $fsync
log_line_prefix = '%m [%p] %a '
# not UTC on purpose: nothing may depend on the server's time zone
timezone = 'Asia/Kolkata'
CONF
}

start() {
    owner=$PPID
    durable=no
    while [ $# -gt 0 ]; do
        case "$1" in
        --owner) owner=$2; shift 2 ;;
        --durable) durable=yes; shift ;;
        *) usage ;;
        esac
    done
    bins=$(bin_dir)
    sweep
    when=$(start_time "$owner")
    [ -n "$when" ] || { echo "pgcluster: no process $owner to own the cluster" >&2; exit 1; }
    dir=$(mktemp -d "$(tmp_root)/cascaded-pg.XXXXXX")
    echo "$owner $when" >"$dir/owner"
    [ "$(id -u)" -ne 0 ] || chown postgres "$dir" "$dir/owner"
    trap 'remove "$dir"' EXIT
    trap 'exit 130' INT TERM
    as_owner "$bins/initdb" -D "$dir/data" -U postgres -A trust -E UTF8 --locale=C.UTF-8 --no-sync \
        >/dev/null || { echo "pgcluster: initdb failed" >&2; exit 1; }
    configure "$dir" "$durable"
    server_start "$dir"
    as_owner "$bins/createdb" -h "$dir" -U postgres cascaded
    trap - EXIT INT TERM
    echo "$dir"
}

usage() {
    sed -n '2,12p' "$0" | sed 's/^# \{0,1\}//' >&2
    exit 2
}

[ $# -ge 1 ] || usage
verb=$1
shift
case "$verb" in
start) start "$@" ;;
sweep) sweep ;;
stop) remove "${1:?directory}" ;;
down) server_stop "${1:?directory}" fast || server_stop "$1" immediate ;;
up) server_start "${1:?directory}" ;;
env)
    echo "PGHOST='${1:?directory}' PGPORT=5432 PGUSER=postgres PGDATABASE=cascaded"
    echo "CONNINFO='host=$1 port=5432 dbname=cascaded user=cascaded_writer'"
    ;;
*) usage ;;
esac
