#!/bin/sh
# Proves that systemd accepts the units without a word, with ExecStart at the built binary, that the
# exposure level of the service is at most 1.2, and that sysusers and tmpfiles parse.
set -u
: "${ROOT:=.}" "${BUILD:=$ROOT/build/release}"
tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT
passed=0
failed=0
ok() {
    if [ "$1" -eq 0 ]; then passed=$((passed + 1)); else
        failed=$((failed + 1))
        echo "not ok: $2"
    fi
}

binary=$BUILD/cascaded
test -x "$binary"
ok $? "$binary is built"
cp "$ROOT"/systemd/cascaded.service "$ROOT"/systemd/cascaded.socket "$tmp"
sed -i "s|^ExecStart=[^ ]*|ExecStart=$binary|" "$tmp/cascaded.service"
grep -q "^ExecStart=$binary " "$tmp/cascaded.service"
ok $? "ExecStart points at the built binary"

for unit in cascaded.service cascaded.socket; do
    said=$(cd "$tmp" && SYSTEMD_LOG_LEVEL=warning systemd-analyze verify --man=no "./$unit" 2>&1)
    status=$?
    [ "$status" -eq 0 ] && [ -z "$said" ]
    ok $? "verify of $unit: status $status, said: $said"
done

# The check must be able to fail: a misspelt directive is reported.
sed 's/^WatchdogSec=/WatchdogSek=/' "$tmp/cascaded.service" >"$tmp/bad.service"
said=$(cd "$tmp" && systemd-analyze verify --man=no ./bad.service 2>&1)
echo "$said" | grep -q WatchdogSek
ok $? "verify reports a misspelt directive"

level=$(systemd-analyze security --offline=yes --no-pager "$tmp/cascaded.service" |
    sed -n 's/.*Overall exposure level for .*: \([0-9.]*\) .*/\1/p')
[ -n "$level" ] && [ "$(echo "$level" | awk '{print ($1 <= 1.2)}')" = 1 ]
ok $? "exposure level '$level' is at most 1.2"
echo "exposure level $level"

systemd-sysusers --root="$tmp" --dry-run "$ROOT/systemd/cascaded.sysusers" >"$tmp/users" 2>&1
ok $? "sysusers: $(cat "$tmp/users")"
grep -q "cascaded-desk" "$tmp/users"
ok $? "sysusers makes the group cascaded-desk"

mkdir -p "$tmp/root/etc"
printf 'root:x:0:0::/:/bin/sh\ncascaded:x:%s:%s::/:/bin/false\n' "$(id -u)" "$(id -g)" >"$tmp/root/etc/passwd"
printf 'root:x:0:\ncascaded:x:%s:\ncascaded-desk:x:%s:\n' "$(id -g)" "$(id -g)" >"$tmp/root/etc/group"
said=$(systemd-tmpfiles --root="$tmp/root" --create "$ROOT/systemd/cascaded.tmpfiles" 2>&1)
ok $? "tmpfiles: $said"
[ -d "$tmp/root/var/lib/cascaded/spool" ] && [ -d "$tmp/root/run/cascaded" ]
ok $? "tmpfiles makes the folders"

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
