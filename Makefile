# One hand-written Makefile. `make help` lists what it does.
# MODE = release (default), asan, cover; objects live in build/$(MODE).
MODE  ?= release
BUILD ?= build/$(MODE)
CC := gcc
V ?= 0
Q = $(if $(filter 0,$(V)),@printf '  %-4s %s\n' $(1) $@;)
PYTHON ?= python3
PREFIX ?= /usr
DESTDIR ?=
DURATION ?=
SEED ?= 1
TIME ?= 60
VERSION := 0.1.0

PACKAGES := gcc clang make pkg-config libuv1-dev libwebsockets-dev libwebsockets-evlib-uv \
  libjansson-dev libpq-dev libinih-dev libzstd-dev libsystemd-dev libssl-dev check \
  postgresql postgresql-client postgresql-15-pgtap libtap-parser-sourcehandler-pgtap-perl \
  jq openssl netcat-openbsd python3 zstd procps cppcheck clang-format shellcheck systemd man-db groff-base mandoc

WARN := -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wpointer-arith \
  -Wcast-qual -Wundef -Wvla -Wformat=2 -Wswitch-enum
HARD := -fstack-protector-strong -fPIE
OPT_release := -O2 -D_FORTIFY_SOURCE=2
OPT_asan := -O1 -fno-omit-frame-pointer -fsanitize=address,undefined,float-divide-by-zero \
  -fno-sanitize-recover=all
OPT_cover := -O0 --coverage
LD_release := -pie -Wl,-z,relro,-z,now
LD_asan := $(OPT_asan)
LD_cover := --coverage

CFLAGS ?= -g
CSTD := -std=c11 -D_GNU_SOURCE -ffp-contract=off
CPPOWN := -iquote lib -iquote daemon
ALLC = $(CSTD) $(WARN) $(HARD) $(OPT_$(MODE)) $(CFLAGS) $(CPPOWN) -DCASCADED_VERSION='"$(VERSION)"' -MMD -MP

PKGS_LIB := libzstd
PKGS_SHELL := libuv libwebsockets jansson libpq libsystemd libcrypto INIReader
PC = $(shell pkg-config $(1) $(2) 2>/dev/null)
CF_LIB = $(call PC,--cflags,libzstd)
CF_SHELL = $(call PC,--cflags,libuv libwebsockets jansson libpq libsystemd libcrypto libssl)
LL_LIB = -lzstd -lm
LL_SHELL = $(call PC,--libs,libuv libwebsockets jansson libpq libsystemd libssl libcrypto) -linih
CF_CHECK = $(call PC,--cflags,check)
LL_CHECK = $(call PC,--libs,check)

ifneq ($(MAKE_STAGE),)
CF_SHELL := $(CF_SHELL)
LL_SHELL := $(LL_SHELL)
CF_CHECK := $(CF_CHECK)
LL_CHECK := $(LL_CHECK)
endif

LIB_SRC   := $(sort $(wildcard lib/*/*.c))
SHELL_SRC := $(sort $(filter-out daemon/main.c,$(wildcard daemon/*.c)) \
  $(wildcard daemon/net/*.c daemon/store/*.c daemon/serve/*.c))
CTL_SRC   := $(sort $(wildcard daemon/ctl/*.c))
REPLAY_SRC := $(sort $(wildcard daemon/replay/*.c))
SIM_SRC   := $(sort $(wildcard tests/sim/*.c))
UNIT_SRC  := $(sort $(wildcard tests/unit/test_*.c))
FUZZ_SRC  := $(sort $(wildcard tests/fuzz/fuzz_*.c))
BENCH_SRC := $(sort $(wildcard tests/bench/bench_*.c))
TOOL_SRC  := $(sort $(wildcard tests/tools/*.c))

obj = $(patsubst %.c,$(BUILD)/%.o,$(1))
LIBA := $(BUILD)/libcascade.a
SHELLA := $(BUILD)/libshell.a
BIN := $(addprefix $(BUILD)/,$(if $(and $(wildcard daemon/main.c),$(wildcard daemon/serve/*.c),$(wildcard daemon/store/store.c),$(wildcard daemon/net/feeds.c)),cascaded) \
  $(if $(CTL_SRC),cascadectl) $(if $(wildcard daemon/replay/main.c),cascade-replay))
SIM := $(if $(SIM_SRC),$(BUILD)/cascade-sim)
UNIT := $(patsubst tests/unit/%.c,$(BUILD)/unit/%,$(UNIT_SRC))
FUZZ := $(patsubst tests/fuzz/%.c,$(BUILD)/fuzz/%,$(FUZZ_SRC))
BENCH := $(patsubst tests/bench/%.c,$(BUILD)/bench/%,$(BENCH_SRC))
TOOLS := $(patsubst tests/tools/%.c,$(BUILD)/tools/%,$(TOOL_SRC))

STAGED = $(MAKE) --no-print-directory -j$(shell nproc) MAKE_STAGE=2 MODE=$(MODE) BUILD=$(BUILD)

.PHONY: all programs everything deps check quick asan fuzz bench fmt lint cover demo run install \
  tags clean help docs
all: ## cascaded, cascadectl, cascade-replay
	@$(STAGED) programs

programs: $(BIN)
everything: $(BIN) $(SIM) $(UNIT) $(FUZZ) $(TOOLS)

deps: ## install missing Debian packages (sudo when not root)
	@sh tests/tools/deps.sh $(PACKAGES)

check: deps ## build and run every test that gates a change; T=name for some
	@$(STAGED) everything
	@$(PYTHON) tests/run.py --build $(BUILD) $(if $(T),--only $(T))

quick: ## the unit tests only, without installing anything
	@$(STAGED) everything
	@$(PYTHON) tests/run.py --build $(BUILD) --only unit/ $(if $(T),--only $(T))

asan: deps ## the same as check, built with address + undefined sanitizers
	@$(MAKE) --no-print-directory -j$(shell nproc) MAKE_STAGE=2 MODE=asan BUILD=build/asan everything
	@$(PYTHON) tests/run.py --build build/asan $(if $(T),--only $(T))

demo: deps ## the whole thing on one machine: simulator, daemon, database; DURATION=180 ends by itself
	@$(STAGED) programs $(SIM)
	@$(PYTHON) tests/it/demo.py --build $(BUILD) --seed $(SEED) $(if $(DURATION),--duration $(DURATION)) $(DEMO_ARGS)

run: deps ## the same against the real venues
	@$(STAGED) programs
	@$(PYTHON) tests/it/demo.py --build $(BUILD) --real $(DEMO_ARGS)

bench: deps ## one line per benchmark, each a ratio within the same run
	@$(STAGED) $(BENCH) programs $(SIM)
	@$(PYTHON) tests/bench/run.py --build $(BUILD) $(if $(T),--only $(T))

fuzz: ## clang libFuzzer on one target: F=scan TIME=60
	@mkdir -p build/fuzz/$(F)
	clang -g -O1 -fsanitize=fuzzer,address,undefined $(CSTD) $(CPPOWN) -DFUZZ_LIBFUZZER $(CF_SHELL) -o build/fuzz/fuzz_$(F) \
	  tests/fuzz/fuzz_$(F).c $(LIB_SRC) -lzstd -lm $(call PC,--libs,jansson)
	build/fuzz/fuzz_$(F) -max_total_time=$(TIME) -print_final_stats=1 build/fuzz/$(F) tests/fuzz/corpus/$(F)

fuzz-cover: ## the same, then edge coverage of the parser's own files: F=bybit TIME=600
	@CC_FLAGS='$(CSTD) $(CPPOWN)' sh tests/tools/fuzz_cover.sh $(F) $(TIME) '$(LIB_SRC)'

fmt: ## clang-format in place
	@clang-format -i $$(git ls-files '*.c' '*.h')

lint: deps ## format, warnings as errors with gcc and clang, cppcheck, layers, limits, docs, shellcheck
	@$(PYTHON) tests/lint/lint.py

docs: ## print the reference pages from the tables
	@$(STAGED) programs
	@sh tests/tools/docs.sh $(BUILD)

cover: ## line coverage of lib/ by unit tests, frames and corpora
	@find build/cover -name '*.gcda' -delete 2>/dev/null || true
	@$(MAKE) --no-print-directory -j$(shell nproc) MAKE_STAGE=2 MODE=cover BUILD=build/cover everything
	@for t in unit/ frames/ fuzz/; do $(PYTHON) tests/run.py --build build/cover --only $$t || exit; done
	@sh tests/tools/cover.sh build/cover

install: all ## DESTDIR, PREFIX
	@sh tests/tools/install.sh $(BUILD) "$(DESTDIR)" "$(PREFIX)"

tags: ## ctags
	@sh tests/tools/deps.sh universal-ctags
	@ctags -R --languages=C,Python,SQL,Sh lib daemon sql tests

clean: ## remove build/
	@rm -rf build

help: ## this list
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/\1\t\2/p' Makefile | expand -t 10

# --- rules -------------------------------------------------------------------------------------
$(BUILD)/lib/%.o: lib/%.c
	@mkdir -p $(@D)
	$(call Q,CC)$(CC) $(ALLC) $(CF_LIB) -c $< -o $@
$(BUILD)/daemon/%.o: daemon/%.c
	@mkdir -p $(@D)
	$(call Q,CC)$(CC) $(ALLC) $(CF_SHELL) -c $< -o $@
$(BUILD)/tests/%.o: tests/%.c
	@mkdir -p $(@D)
	$(call Q,CC)$(CC) $(ALLC) -iquote tests $(CF_SHELL) $(CF_CHECK) -c $< -o $@

$(LIBA): $(call obj,$(LIB_SRC))
	@mkdir -p $(@D); rm -f $@; ar rcs $@ $^
$(SHELLA): $(call obj,$(SHELL_SRC))
	@mkdir -p $(@D); rm -f $@; ar rcs $@ $^

$(BUILD)/cascaded: $(BUILD)/daemon/main.o $(SHELLA) $(LIBA)
	$(call Q,LINK)$(CC) $(LD_$(MODE)) -o $@ $^ $(LL_SHELL) $(LL_LIB)
$(BUILD)/cascadectl: $(call obj,$(CTL_SRC)) $(SHELLA) $(LIBA)
	$(call Q,LINK)$(CC) $(LD_$(MODE)) -o $@ $^ $(LL_SHELL) $(LL_LIB)
$(BUILD)/cascade-replay: $(call obj,$(REPLAY_SRC)) $(SHELLA) $(LIBA)
	$(call Q,LINK)$(CC) $(LD_$(MODE)) -o $@ $^ $(LL_SHELL) $(LL_LIB)
SIMA := $(BUILD)/libsim.a
$(SIMA): $(call obj,$(filter-out tests/sim/main.c,$(SIM_SRC)))
	@mkdir -p $(@D); rm -f $@; ar rcs $@ $^
$(BUILD)/cascade-sim: $(BUILD)/tests/sim/main.o $(SIMA) $(LIBA)
	$(call Q,LINK)$(CC) $(LD_$(MODE)) -o $@ $^ $(LL_SHELL) $(LL_LIB)

$(BUILD)/unit/test_sim_%: $(BUILD)/tests/unit/test_sim_%.o $(SIMA) $(LIBA)
	@mkdir -p $(@D)
	$(call Q,LINK)$(CC) $(LD_$(MODE)) -o $@ $^ $(LL_CHECK) $(LL_SHELL) $(LL_LIB)
$(BUILD)/unit/test_%: $(BUILD)/tests/unit/test_%.o $(SHELLA) $(LIBA)
	@mkdir -p $(@D)
	$(call Q,LINK)$(CC) $(LD_$(MODE)) -o $@ $< $(if $(SHELL_SRC),$(SHELLA)) $(LIBA) $(LL_CHECK) $(LL_SHELL) $(LL_LIB)
$(BUILD)/fuzz/fuzz_%: $(BUILD)/tests/fuzz/fuzz_%.o $(BUILD)/tests/fuzz/replay_main.o $(SHELLA) $(LIBA)
	@mkdir -p $(@D)
	$(call Q,LINK)$(CC) $(LD_$(MODE)) -o $@ $(filter %.o,$^) $(if $(SHELL_SRC),$(SHELLA)) $(LIBA) $(LL_SHELL) $(LL_LIB)
$(BUILD)/bench/bench_%: $(BUILD)/tests/bench/bench_%.o $(SHELLA) $(LIBA)
	@mkdir -p $(@D)
	$(call Q,LINK)$(CC) $(LD_$(MODE)) -o $@ $< $(if $(SHELL_SRC),$(SHELLA)) $(LIBA) $(LL_SHELL) $(LL_LIB)
$(BUILD)/bench/bench_engine: LL_LIB += -Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc
WRAPPED := spool_open spool_append spool_encode_batch spool_trim db_new db_sync db_sync_copy \
  PQputCopyData writer_committed writer_caught pwrite fdatasync fsync ftruncate posix_fallocate unlink db_query spool_judge spool_map_row
$(BUILD)/unit/test_spool_sync $(BUILD)/unit/test_store_disk: LL_LIB += -Wl,--wrap=fdatasync
$(BUILD)/unit/test_store_carry: LL_LIB += -Wl,--wrap=PQflush
$(BUILD)/tools/store_feeder: LL_LIB += $(WRAPPED:%=-Wl,--wrap=%)
$(BUILD)/tools/%: $(BUILD)/tests/tools/%.o $(SHELLA) $(LIBA)
	@mkdir -p $(@D)
	$(call Q,LINK)$(CC) $(LD_$(MODE)) -o $@ $< $(if $(SHELL_SRC),$(SHELLA)) $(LIBA) $(LL_SHELL) $(LL_LIB)

.SECONDARY:
-include $(shell find $(BUILD) -name '*.d' 2>/dev/null)
