#!/bin/sh
# `make install`: puts the programs and what belongs to them in place.
#   install.sh BUILD DESTDIR PREFIX
# A configuration file that is already there is never touched: when ours differs, it is laid beside it
# as FILE.new. Nothing is started, no user is made; the last lines say how.
set -eu
build=$1 dest=$2 prefix=$3
root=$(cd "$(dirname "$0")/../.." && pwd)
case $prefix in
/*) ;;
*)
    echo "install: PREFIX must begin with /: $prefix" >&2
    exit 2
    ;;
esac
prefix=${prefix%/}
etc=$dest/etc/cascaded
share=$dest$prefix/share

put() { # MODE FILE FOLDER [NAME]
    install -D -m "$1" "$2" "$3/${4:-$(basename "$2")}"
}

put_conf() { # FILE
    name=$(basename "$1")
    if [ ! -e "$etc/$name" ]; then
        put 644 "$1" "$etc"
        rm -f "$etc/$name.new"
    elif cmp -s "$1" "$etc/$name"; then
        rm -f "$etc/$name.new"
    else
        put 644 "$1" "$etc" "$name.new"
        echo "install: kept $etc/$name; the new one is $name.new"
    fi
}

# What the units name lies under PREFIX.
put_unit() { # FILE
    sed "s#=/usr/bin/#=$prefix/bin/#; s#file:///usr/share/#file://$prefix/share/#" "$1" |
        install -D -m 644 /dev/stdin "$dest$prefix/lib/systemd/system/$(basename "$1")"
}

for f in cascaded cascadectl cascade-replay; do
    put 755 "$build/$f" "$dest$prefix/bin"
done
for f in "$root"/conf/*; do
    put_conf "$f"
done
# A migration that is gone here must not be applied from there.
rm -f "$share"/cascaded/sql/[0-9][0-9][0-9][0-9]_*.sql
for f in "$root"/sql/*.sql; do
    put 644 "$f" "$share/cascaded/sql"
done
put 755 "$root/sql/replica.sh" "$share/cascaded/sql"
for f in "$root"/systemd/*.service "$root"/systemd/*.socket; do
    put_unit "$f"
done
put 644 "$root/systemd/cascaded.sysusers" "$dest$prefix/lib/sysusers.d" cascaded.conf
put 644 "$root/systemd/cascaded.tmpfiles" "$dest$prefix/lib/tmpfiles.d" cascaded.conf
for f in "$root"/docs/*.md "$root/README.md" "$root/LICENSE"; do
    put 644 "$f" "$share/doc/cascaded"
done

for f in "$root"/docs/man/*.[1-8]; do
    put 644 "$f" "$share/man/man${f##*.}"
done

if [ -z "$dest" ]; then
    cat <<END
install: done. Then, once:
  systemd-sysusers && systemd-tmpfiles --create && systemctl daemon-reload
  set [store] database in /etc/cascaded/cascaded.conf, and: cascadectl schema apply
  systemctl enable --now cascaded.socket cascaded.service
END
fi
