# Slate's build. `make help` lists what can be asked for.
#
#   BUILD=dir   where everything made goes; a folder of one's own lets two makes
#               of one tree run side by side (two in the same folder take turns)
#   ARCH=       the machine to build for: x86_64 or aarch64; this one unless told.
#               What is made for another one goes to build/ARCH
#   SAN=        unit tests without the sanitizers
#   V=1         print the commands

NATIVE  := $(shell uname -m)
ARCH    ?= $(NATIVE)
FOREIGN := $(filter-out $(NATIVE),$(ARCH))
CROSS   := $(FOREIGN:%=%-linux-gnu-)
BUILD   ?= build$(FOREIGN:%=/%)
# One name of the folder, however it is told: what an object was made of is known by its name.
override BUILD := $(patsubst $(CURDIR)/%,%,$(abspath $(BUILD)))
PREFIX  ?= /usr
HOSTCC  ?= cc
CLANG   ?= clang
PYTHON  ?= /usr/bin/python3
VERSION := 0.1
export SLATE_ARCH := $(ARCH)

# --- What is built of what --------------------------------------------------
# A folder is one archive of all its .c files but main.c. `uses` is the folders
# whose headers it may include, direct and indirect, highest first: the order that
# the linker wants. tests/layers.sh holds the sources to it.

OVERLAY := $(addprefix overlay/,trust tar tree changes slot medium save identity restore verbs)
FOLDERS := init/base init/disk init/unit init/exec init/super $(OVERLAY) init/fetch init/boot image init/ctl

uses.init/base  :=
uses.init/disk  := init/base
uses.init/unit  := init/base
uses.init/exec  := init/unit init/base
uses.init/super := init/exec init/unit init/base

uses.overlay/trust    := init/base
uses.overlay/tar      := init/base
uses.overlay/tree     := overlay/tar init/base
uses.overlay/changes  := overlay/tree overlay/tar init/base
uses.overlay/slot     := overlay/tree overlay/tar overlay/trust init/base
uses.overlay/medium   := overlay/changes overlay/slot $(uses.overlay/slot)
uses.overlay/save     := overlay/medium $(uses.overlay/medium)
uses.overlay/identity := overlay/medium $(uses.overlay/medium)
uses.overlay/restore  := overlay/medium $(uses.overlay/medium)
uses.overlay/verbs    := overlay/restore overlay/save $(uses.overlay/save)

uses.init/boot  := init/disk overlay/restore overlay/identity $(uses.overlay/restore)
uses.init/fetch := overlay/trust init/base
uses.image      := init/disk overlay/trust init/base
uses.init/ctl   := image init/disk overlay/verbs overlay/identity init/unit $(uses.overlay/verbs)

# What the tests of a folder use besides: nothing can be restored before it was saved.
tests.overlay/restore := overlay/save

# What PID 1 runs for ever links libc alone; the others may take any of these.
LIBRARIES       := -lmount -lblkid -lkmod -larchive -lsodium -lzstd -llzma -lisal -lz -lmbedcrypto
$(foreach f,$(OVERLAY),$(eval libs.$f := $(LIBRARIES)))
libs.init/disk  := -lz
libs.init/boot  := $(LIBRARIES) -lqrencode
libs.init/fetch := -lcurl -lsodium
libs.image      := $(LIBRARIES)
libs.init/ctl   := $(LIBRARIES)

PROGRAMS := slate-boot slate-init slate-fetch slate
folder.slate-boot := init/boot
folder.slate-init := init/super
folder.slate-fetch := init/fetch
folder.slate      := init/ctl
PROGRAMS := $(foreach p,$(PROGRAMS),$(if $(wildcard $(folder.$p)/main.c),$p))

# What static archives need besides, where a shared library would bring it itself.
static.-lmount := -luuid
static.-lcurl  := -lmbedtls
static.-lmbedcrypto := -lmbedtls

# --- Flags ------------------------------------------------------------------

WARN     := -Wall -Wextra -Wpedantic -Wshadow -Wvla -Wundef -Wmissing-prototypes \
            -Wstrict-prototypes -Wpointer-arith -Wcast-qual -Wconversion $(WERROR)
CSTD     := -std=c17 -D_GNU_SOURCE -DSLATE_VERSION='"$(VERSION)"'
CFLAGS   ?= -Os -g
HARDEN   := -fPIE -fno-asynchronous-unwind-tables -fstack-protector-all -fstack-clash-protection -fno-common \
            -ffunction-sections -fdata-sections -fvisibility=hidden
LTO      ?= -flto=auto
LDFLAGS  := -static-pie -Wl,-z,relro,-z,now,-z,noexecstack,-z,separate-code,--gc-sections
SAN      ?= -fsanitize=address,undefined -fno-sanitize-recover=all
HOSTFLAGS := -Og -g -fno-omit-frame-pointer

DEPS     := $(BUILD)/deps
TOOLS    := $(FOREIGN:%=TOOLS=build)
MUSLCC   := $(DEPS)/bin/musl-gcc

# --- Derived names ----------------------------------------------------------

sources   = $(filter-out %/main.c,$(wildcard $1/*.c))
archives  = $(foreach f,$2 $(uses.$2),$(BUILD)/$1/$(subst /,-,$f).a)
tested    = $(patsubst %,$(BUILD)/host/%.a,$(subst /,-,$1 $(tests.$1) $(uses.$1)))
libs      = $(sort $(foreach f,$1 $(uses.$1),$(libs.$f)))
statics   = $(call libs,$1) $(foreach l,$(call libs,$1),$(static.$l))

UNIT_TESTS := $(patsubst tests/unit/%.c,$(BUILD)/unit/%,$(wildcard tests/unit/*/test_*.c))
FUZZERS    := $(patsubst tests/fuzz/%.c,$(BUILD)/fuzz/%,$(wildcard tests/fuzz/fuzz_*.c))
FAULTS     := $(BUILD)/faults/inject $(BUILD)/faults/driver
folder_of_test = $(filter %/$1 $1,$(FOLDERS))

ifneq ($(V),1)
Q := @
endif

# Two makes in one build folder would write the same files: they take turns.
LOCKED := +@mkdir -p $(BUILD) && flock $(BUILD)/.lock $(MAKE) --no-print-directory

# --- Targets for people -----------------------------------------------------

all: $(if $(FOREIGN),packages-foreign) ## the programs, in build/ (the default)
	$(LOCKED) programs

deps: $(if $(FOREIGN),packages-foreign) ## fetch and build the libraries and BusyBox (make does it by itself)
	$(LOCKED) $(BUILD)/deps.key

check: ## tests that need no boot: unit, namespaces, layers, binaries
	$(LOCKED) programs host-tests faults-tools
	$(Q)BUILD=$(BUILD) tests/run check

unit: ## unit tests alone; F=slot: of that folder only
	$(LOCKED) $(if $F,$(or $(filter $(BUILD)/unit/$F/%,$(UNIT_TESTS)),$(error tests/unit/$F has no tests)),$(UNIT_TESTS))
	$(Q)BUILD=$(BUILD) tests/run unit $(F:%=/%/)

test: packages-test ## everything: installs what it needs, builds, tests, boots
	$(LOCKED) programs host-tests fuzzers $(BUILD)/powercut faults-tools
	$(Q)SLATE_BUILD=$(BUILD) image/deps/kernels.sh bookworm-cloud bookworm trixie
	$(Q)BUILD=$(BUILD) tests/run test

test-recipes: packages-test ## boot the machines of the large recipes, which `make test` leaves out
	$(LOCKED) programs
	$(Q)SLATE_BUILD=$(BUILD) image/deps/kernels.sh bookworm-cloud bookworm
	$(Q)BUILD=$(BUILD) tests/run recipes

audit: packages-test ## let lynis look at the demo, at the server and at stock Debian (an hour)
	$(LOCKED) programs
	$(Q)SLATE_BUILD=$(BUILD) image/deps/kernels.sh bookworm-cloud bookworm
	$(Q)BUILD=$(BUILD) tests/run audit

# What makes an image runs here, whatever machine the image is for.
native: $(if $(FOREIGN),packages-foreign)
	$(if $(FOREIGN),$(Q)$(MAKE) --no-print-directory ARCH=$(NATIVE) BUILD=build)

test-aarch64: packages-test ## build for aarch64 and boot the demo machine of it
	$(Q)$(MAKE) --no-print-directory ARCH=aarch64 native all kernels
	$(Q)BUILD=build/aarch64 TOOLS=build SLATE_ARCH=aarch64 tests/run aarch64

recipe: $(if $R,packages native) ## make a machine of image/recipes: R=NAME [OUT=folder]; without R, list them
	$(if $R,$(LOCKED) programs,@image/recipe.sh)
	$(if $R,$(Q)BUILD=$(BUILD) $(TOOLS) image/recipe.sh $R $(or $(OUT),$(BUILD)/recipes/$(notdir $R)))

run: packages native ## boot the demo machine in QEMU on this terminal
	$(LOCKED) programs
	$(Q)SLATE_BUILD=$(BUILD) image/deps/kernels.sh
	$(Q)BUILD=$(BUILD) $(TOOLS) image/run.sh

powercut: packages-test ## the whole power-cut campaign (hours), its table in docs/powercut.md
	$(LOCKED) programs $(BUILD)/powercut
	$(Q)SLATE_BUILD=$(BUILD) image/deps/kernels.sh bookworm-cloud bookworm
	$(Q)BUILD=$(BUILD) tests/powercut/mutants.py
	$(Q)BUILD=$(BUILD) tests/powercut/campaign.py --write docs/powercut.md

faults: packages-test ## make each system call of saves, restores and boots fail (hours; goes on where it was stopped), report in docs/faults.md
	$(LOCKED) programs faults-tools
	$(Q)BUILD=$(BUILD) tests/faults/campaign.py --write docs/faults.md

tamper: packages-test ## over 3,000 images tampered with in every way, and 100 boots of such media: none is accepted
	$(LOCKED) programs
	$(Q)SLATE_BUILD=$(BUILD) image/deps/kernels.sh bookworm-cloud
	$(Q)BUILD=$(BUILD) tests/ns/tamper.py
	$(Q)BUILD=$(BUILD) TAMPERED_BOOTS=100 tests/run boot test_tampered

pulls: packages-test ## pull the stick out at any moment after toram=lazy let it go (an hour, N=50): nobody notices
	$(LOCKED) programs
	$(Q)SLATE_BUILD=$(BUILD) image/deps/kernels.sh bookworm-cloud bookworm
	$(Q)BUILD=$(BUILD) PULLED_STICKS=$(or $N,50) tests/run boot test_pulled

run-clean: ## forget what the demo machine has saved
	$(Q)BUILD=$(BUILD) image/run.sh clean

bench: packages-test ## boots beside BusyBox init, a floor program and live-boot; toram beside dd; saves beside lbu's way
	$(LOCKED) programs $(BUILD)/faults/driver
	$(Q)SLATE_BUILD=$(BUILD) image/deps/kernels.sh
	$(Q)BUILD=$(BUILD) tests/bench/run
	$(Q)BUILD=$(BUILD) tests/bench/live
	$(Q)BUILD=$(BUILD) tests/bench/save

fuzz: ## fuzz every decoder for FUZZ_SECONDS (60) each, or FUZZ_RUNS times; FUZZ=name: only that one
	$(LOCKED) fuzzers
	$(Q)BUILD=$(BUILD) tests/run fuzz $(FUZZ)

kernels: ## fetch the kernels that tests and demo boot; KERNELS="bookworm trixie"
	$(Q)SLATE_BUILD=$(BUILD) image/deps/kernels.sh $(KERNELS)

packages: ## install the Debian packages that building and `make run` need
	$(Q)image/deps/packages.sh image/packages.txt

packages-foreign:
	$(Q)image/deps/packages.sh image/packages-$(ARCH).txt

packages-test: ## install what `make test` needs besides
	$(Q)image/deps/packages.sh image/packages.txt tests/packages.txt

lock: ## write the versions that the mirror has now into image/deps/sources.lock
	$(Q)image/deps/lock.sh

strict: ## compile all, by gcc for musl and glibc and by clang, with warnings as errors
	$(Q)$(MAKE) --no-print-directory BUILD=$(BUILD)/strict WERROR=-Werror \
		$(foreach f,$(FOLDERS),$(foreach k,musl host clang,$(BUILD)/strict/$k/$(subst /,-,$f).a))

fmt: ## format the lines that differ from the last commit; tables by hand stay as they are
	$(Q)git clang-format --force --quiet --extensions c,h HEAD

install: ## install below DESTDIR; PREFIX=/usr
	$(LOCKED) programs
	$(Q)BUILD=$(BUILD) DESTDIR=$(DESTDIR) PREFIX=$(PREFIX) image/install.sh

clean: ## remove build/; fetched sources and built libraries stay in the cache
	rm -rf $(BUILD)

help: ## this list
	@sed -n 's/^\([a-z-]*\):[^#]*## \(.*\)/  make \1\t\2/p' Makefile | expand -t 24

# --- How things are made ----------------------------------------------------

programs: $(if $(filter x86_64,$(ARCH)),$(BUILD)/loaders) $(PROGRAMS:%=$(BUILD)/%) $(BUILD)/busybox $(BUILD)/dropbearmulti
host-tests: $(UNIT_TESTS)
fuzzers: $(FUZZERS)
faults-tools: $(FAULTS)
layers:
	$(Q)tests/layers.sh $(foreach f,$(FOLDERS),"$f: $f $(uses.$f)")

# deps.sh is done in milliseconds when nothing changed, and then leaves the key alone.
$(BUILD)/deps.key: FORCE
	$(Q)SLATE_BUILD=$(BUILD) image/deps/deps.sh

# No flag of all: objects need not be made anew for a later commit.
BUILT := $(or $(SOURCE_DATE_EPOCH),$(shell git log -1 --format=%ct 2>/dev/null),0)
%/init/boot/memory.o: CSTD += -DSLATE_BUILT=INT64_C\($(BUILT)\)

# Objects are made anew when the flags are others than the last time, or the folder's
# name, by which the lists of their headers know them.
$(BUILD)/flags: FORCE
	@mkdir -p $(@D)
	$(Q)echo '$(BUILD) $(ARCH) $(CSTD) $(WARN) $(CFLAGS) $(HARDEN) $(LTO) $(LDFLAGS) $(SAN) $(HOSTFLAGS)' | \
		cmp -s - $@ || echo '$(BUILD) $(ARCH) $(CSTD) $(WARN) $(CFLAGS) $(HARDEN) $(LTO) $(LDFLAGS) $(SAN) $(HOSTFLAGS)' >$@

$(BUILD)/musl/%.o: %.c $(BUILD)/deps.key $(BUILD)/flags
	@mkdir -p $(@D)
	$(Q)$(MUSLCC) $(CSTD) $(WARN) $(CFLAGS) $(HARDEN) $(LTO) -isystem $(DEPS)/include -MMD -MP -c -o $@ $<

$(BUILD)/host/%.o: %.c $(BUILD)/flags
	@mkdir -p $(@D)
	$(Q)$(HOSTCC) $(CSTD) $(WARN) $(HOSTFLAGS) $(SAN) -MMD -MP -c -o $@ $<

$(BUILD)/clang/%.o: %.c $(BUILD)/flags
	@mkdir -p $(@D)
	$(Q)$(CLANG) $(CSTD) $(WARN) -O1 -g -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all \
		-MMD -MP -c -o $@ $<

# One archive a folder for each way of compiling it. An archive is made anew as a
# whole, so that a removed source leaves nothing behind.
define archive_rule
$(BUILD)/$1/$(subst /,-,$2).a: $(patsubst %.c,$(BUILD)/$1/%.o,$(call sources,$2)) $(BUILD)/list/$(subst /,-,$2)
	$(Q)rm -f $$@ && $(if $(filter musl,$1),$(CROSS))gcc-ar rcs $$@ $$(filter %.o,$$^)
endef
$(foreach kind,musl host clang,$(foreach f,$(FOLDERS),$(eval $(call archive_rule,$(kind),$f))))

define list_rule
$(BUILD)/list/$(subst /,-,$1): FORCE
	@mkdir -p $(BUILD)/list $(BUILD)/musl $(BUILD)/host $(BUILD)/clang
	@echo '$(call sources,$1)' | cmp -s - $$@ || echo '$(call sources,$1)' >$$@
endef
$(foreach f,$(FOLDERS),$(eval $(call list_rule,$f)))

define program_rule
$(BUILD)/$1.debug: $(BUILD)/musl/$2/main.o $(call archives,musl,$2)
	$(Q)$(MUSLCC) $(CFLAGS) $(HARDEN) $(LTO) $(LDFLAGS) -o $$@ $$(filter %.o %.a,$$^) -L$(DEPS)/lib \
		-Wl,--start-group $(call statics,$2) -Wl,--end-group
endef
$(foreach p,$(PROGRAMS),$(eval $(call program_rule,$p,$(folder.$p))))

$(PROGRAMS:%=$(BUILD)/%): $(BUILD)/%: $(BUILD)/%.debug
	$(Q)$(CROSS)strip -o $@ $<
	@echo "  $@ $$(stat -c %s $@) bytes"

$(BUILD)/loaders: image/deps/loaders.sh
	$(Q)SLATE_BUILD=$(BUILD) image/deps/loaders.sh

$(BUILD)/busybox $(BUILD)/dropbearmulti: $(BUILD)/%: $(BUILD)/deps.key
	$(Q)cp $(DEPS)/bin/$* $@
	$(Q)! [ -e $(DEPS)/bin/$*.debug ] || cp $(DEPS)/bin/$*.debug $@.debug

# The guest's side of the power-cut rig. A mutant is the same with other sources of
# overlay before the archives; they lie in the mutant's folder.
POWERCUT := $(patsubst %.c,$(BUILD)/musl/%.o,$(wildcard tests/powercut/guest/*.c)) $(call archives,musl,overlay/verbs)
LINK_POWERCUT = $(MUSLCC) $(CFLAGS) $(HARDEN) $(LTO) $(LDFLAGS) -o $@ $1 $(filter %.o %.a,$(POWERCUT)) \
	-L$(DEPS)/lib -Wl,--start-group $(call statics,overlay/verbs) -Wl,--end-group
$(BUILD)/powercut: $(POWERCUT)
	$(Q)$(call LINK_POWERCUT)
$(BUILD)/powercut-mutants/%/powercut: $(POWERCUT) FORCE
	$(Q)cd $(@D) && $(abspath $(MUSLCC)) $(CSTD) $(CFLAGS) $(HARDEN) $(LTO) $(addprefix -iquote ,$(abspath $(OVERLAY))) \
		-isystem $(abspath $(DEPS)/include) -c *.c
	$(Q)$(call LINK_POWERCUT,$(@D)/*.o)

# Fails one system call of a static program; the driver calls the boot's restore.
$(BUILD)/faults/inject: tests/faults/inject.c
	@mkdir -p $(@D)
	$(Q)$(HOSTCC) $(CSTD) $(WARN) -O1 -o $@ $<
$(BUILD)/faults/driver: $(BUILD)/musl/tests/ns/overlay_driver.o $(call archives,musl,overlay/verbs)
	@mkdir -p $(@D)
	$(Q)$(MUSLCC) $(CFLAGS) $(HARDEN) $(LTO) $(LDFLAGS) -o $@ $(filter %.o %.a,$^) -L$(DEPS)/lib \
		-Wl,--start-group $(call statics,overlay/verbs) -Wl,--end-group

# tests/unit/FOLDER/test_NAME.c, FOLDER without what is above it, is linked with the
# folder's archive and those below it.
define unit_rule
$(BUILD)/unit/$(notdir $1)/%: tests/unit/$(notdir $1)/%.c $(call tested,$1)
	@mkdir -p $$(@D)
	$(Q)$(HOSTCC) $(CSTD) $(WARN) $(HOSTFLAGS) $(SAN) -MMD -MP -MF $$@.d -o $$@ $$< $(call tested,$1) \
		$(call libs,$1) -lcmocka
endef
$(foreach f,$(FOLDERS),$(eval $(call unit_rule,$f)))

# A fuzz target may use any folder.
$(BUILD)/fuzz/%: tests/fuzz/%.c $(foreach f,$(FOLDERS),$(BUILD)/clang/$(subst /,-,$f).a)
	@mkdir -p $(@D)
	$(Q)$(CLANG) $(CSTD) $(WARN) -O1 -g -fsanitize=fuzzer,address,undefined -fno-sanitize-recover=all \
		-MMD -MP -MF $@.d -o $@ $< -Wl,--start-group $(filter %.a,$^) -Wl,--end-group \
		$(sort $(foreach f,$(FOLDERS),$(libs.$f)))

FORCE:
.PHONY: all audit deps check unit test test-recipes test-aarch64 recipe run run-clean tamper pulls powercut faults faults-tools bench fuzz kernels packages packages-test lock strict \
	fmt install clean help native packages-foreign programs host-tests fuzzers layers FORCE
.SECONDARY:
.DELETE_ON_ERROR:
-include $(shell find $(BUILD)/musl $(BUILD)/host $(BUILD)/clang $(BUILD)/unit $(BUILD)/fuzz -name '*.d' 2>/dev/null)
