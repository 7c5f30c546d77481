#!/bin/sh
# Installs the Debian packages named as arguments that are missing. Uses sudo when not root. A
# PostgreSQL package installed here never starts a server on the default port.
set -eu
missing=""
for p in "$@"; do
    if [ "$(dpkg-query -W -f '${db:Status-Status}' "$p" 2>/dev/null || true)" != installed ]; then
        missing="$missing $p"
    fi
done
[ -z "$missing" ] && exit 0

as_root=""
if [ "$(id -u)" -ne 0 ]; then
    if ! command -v sudo >/dev/null; then
        echo "deps: missing packages:$missing" >&2
        echo "deps: run as root or install sudo" >&2
        exit 1
    fi
    as_root="sudo"
fi
echo "deps: installing$missing"
$as_root mkdir -p /etc/postgresql-common/createcluster.d
printf 'create_main_cluster = false\n' |
    $as_root tee /etc/postgresql-common/createcluster.d/50-cascaded.conf >/dev/null
$as_root apt-get update -qq
# shellcheck disable=SC2086
$as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
    -o Dpkg::Options::=--force-confold $missing >/dev/null
