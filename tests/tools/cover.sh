#!/bin/sh
# Line coverage of lib/, per folder, from the counters that the tests of a MODE=cover build left.
#   cover.sh BUILD
# A source that no test ran counts with all its lines. Inline functions in headers are left out: they
# would be counted once for each file that includes them.
set -eu
root=$(pwd)
build=$(cd "$1" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$root"
find "$build/lib" -name '*.gcno' | sort >"$work/notes"
if [ ! -s "$work/notes" ]; then
    echo "cover: no counters in $1: build with MODE=cover" >&2
    exit 1
fi
while read -r note; do
    gcov -t -o "$(dirname "$note")" "$note"
done <"$work/notes" >"$work/lines" 2>"$work/errors" || {
    cat "$work/errors" >&2
    exit 1
}
awk -F: '
    $2 + 0 == 0 && $3 == "Source" { file = $4; ours = file ~ /^lib\/.*\.c$/; next }
    !ours || $1 ~ /-$/ || $2 + 0 == 0 { next }
    { split(file, part, "/"); n[part[2]]++; all++; of[file]++ }
    $1 !~ /[#=]$/ { hit[part[2]]++; hits++; in_file[file]++ }
    END {
        if (!all)
            exit 1
        for (f in n)
            printf "1 lib/%-10s %6d lines %6.1f %% covered\n", f, n[f], 100 * hit[f] / n[f]
        printf "2 %-14s %6d lines %6.1f %% covered\n", "lib", all, 100 * hits / all
        for (f in of)
            if (in_file[f] < 0.9 * of[f])
                printf "3 below 90 %%: %-32s %6.1f %%\n", f, 100 * in_file[f] / of[f]
    }' "$work/lines" >"$work/table" || {
    echo "cover: gcov counted no line of lib/" >&2
    exit 1
}
sort "$work/table" | cut -c3-
