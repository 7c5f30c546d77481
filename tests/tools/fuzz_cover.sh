#!/bin/sh
# One fuzz target for TIME seconds under ASan and UBSan, then the edge coverage that its corpus
# reaches in the parser's own files, measured by a second build in which only those are counted.
#   CC_FLAGS=... fuzz_cover.sh TARGET TIME "LIB SOURCES" [PERCENT]
# Exit status 1 when something was found or the coverage is below PERCENT (80). What is found lies in
# build/fuzz/TARGET; the corpus is kept there and the committed one is not changed.
set -eu
target=$1 time=$2 sources=$3 floor=${4:-80}
work=build/fuzz-cover/$target
mkdir -p "$work/obj" "$work/found" "$work/seeds" "build/fuzz/$target"
libs="-lzstd -lm $(pkg-config --libs jansson)"
case $target in
scan) own=lib/base/scan ;;
num) own=lib/base/num ;;
*) own=lib/venue/venue_$target ;;
esac

build() { # OUT FLAGS-OF-THE-OWN-FILES FLAGS-OF-THE-OTHERS
    for s in $sources tests/fuzz/fuzz_"$target".c; do
        flags=$3
        case $s in "$own".c | "$own"_*.c) flags=$2 ;; esac
        # shellcheck disable=SC2086 # lists of flags
        clang -g -O1 -D_GNU_SOURCE -DFUZZ_LIBFUZZER $CC_FLAGS $flags -c -o "$work/obj/$(echo "$s" | tr / _).o" "$s"
    done
    # shellcheck disable=SC2086
    clang -g -fsanitize=fuzzer $4 -o "$1" "$work"/obj/*.o $libs
}

san="-fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all"
build "$work/fuzz" "$san" "$san" "-fsanitize=address,undefined"
# Not inlined, so that what headers bring is not counted at every place of its use.
build "$work/count" "-fsanitize=fuzzer-no-link -fno-inline" "-fno-inline" ""

# The goldens are seeds too, at both lengths modulo 2: one half is read with a directory.
python3 - "$target" "$work/seeds" <<'PY'
import glob, os, sys
target, out = sys.argv[1:]
n = 0
for path in sorted(glob.glob("tests/frames/%s/*.texts" % target)):
    case = path[:-len(".texts")]
    texts = open(path, "rb").read().splitlines()
    names = [b""] * len(texts)
    if os.path.exists(case + ".requests"):
        names = open(case + ".requests", "rb").read().split(b"\n")
    elif os.path.exists(case + ".request"):
        names = [open(case + ".request", "rb").read().strip()] * len(texts)
    for name, text in zip(names, texts):
        for tail in (b"", b" "):
            n += 1
            with open(os.path.join(out, "%05d" % n), "wb") as f:
                f.write(name + b"\n" + text + tail)
PY

status=0
"$work/fuzz" -max_total_time="$time" -print_final_stats=1 -artifact_prefix="$work/found/" \
    "build/fuzz/$target" "tests/fuzz/corpus/$target" "$work/seeds" >"$work/log" 2>&1 || status=1
grep -E '^stat::|SUMMARY|BINGO|ERROR' "$work/log" || true
"$work/count" -runs=0 -print_coverage=1 "build/fuzz/$target" "tests/fuzz/corpus/$target" \
    "$work/seeds" >"$work/count.log" 2>&1
awk -v t="$target" -v own="$own" -v f="$floor" '
    $1 !~ /COVERED_FUNC:$/ || index($0, own) == 0 { next }
    { split($5, part, "/"); hit += part[1]; all += part[2]; functions++ }
    END {
        p = all ? 100 * hit / all : 0
        printf "fuzz-cover %s: %d of %d edges in %d functions of %s*.c, %.1f %%\n", t, hit, all, \
            functions, own, p
        exit p < f
    }' "$work/count.log" || status=1
exit "$status"
