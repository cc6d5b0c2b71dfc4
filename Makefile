# keyprov: building, testing, installing. `make help` lists the targets.

SWIFT ?= swift
PREFIX ?= /usr/local
UDEVDIR ?= $(PREFIX)/lib/udev/rules.d
DESTDIR ?=

BINDIR := $(DESTDIR)$(PREFIX)/bin
LIBEXECDIR := $(DESTDIR)$(PREFIX)/libexec/keyprov
MANDIR := $(DESTDIR)$(PREFIX)/share/man/man1
BASHDIR := $(DESTDIR)$(PREFIX)/share/bash-completion/completions
ZSHDIR := $(DESTDIR)$(PREFIX)/share/zsh/site-functions
FISHDIR := $(DESTDIR)$(PREFIX)/share/fish/vendor_completions.d
RULESDIR := $(DESTDIR)$(UDEVDIR)
RULES := 70-keyprov.rules

# Debian package names. What each is for: Docs/decisions.md.
BUILD_NEEDS := pkg-config libusb-1.0-0-dev libssl-dev libqrencode-dev libpng-dev libxml2-dev \
	libargon2-dev libsodium-dev libsqlite3-dev libzbar-dev libgdk-pixbuf-2.0-dev webp-pixbuf-loader libpoppler-glib-dev \
	libcairo2-dev libpango1.0-dev librsvg2-dev libcups2-dev libldap-dev
TEST_NEEDS := git gcc python3 oathtool zbar-tools librsvg2-bin qrencode imagemagick qpdf python3-segno \
	xvfb xauth maim xclip umockdev libumockdev-dev \
	pskctool pskc-utils pamtester libpam-oath libpam-google-authenticator libpam-wrapper libnss-wrapper \
	python3-cryptography python3-argon2 age \
	poppler-utils fonts-noto-core fonts-noto-cjk fonts-noto-mono strace sqlite3
# Stock clients that judge the virtual keys, a browser that shows a server's page, and a printer that is a file. Not part of
# `make test`: pcscd would take the keys of the machine, cups would start a print server, and the browser is 360 MB. The
# tests that need them are skipped where they are missing.
CLIENT_NEEDS := pcscd libccid opensc yubikey-personalization nitrocli swig libpcsclite-dev python3-dev python3-venv \
	chromium cups-daemon cups-client cups-filters printer-driver-cups-pdf

# Programs that import one-time passwords. Not part of `make test`: it takes minutes where nothing is installed. The
# libraries are those of servers that Tests/Interop unpacks: to install Debian's slapd or freeradius would start them.
INTEROP_NEEDS := oathtool pskctool pamtester libpam-oath libpam-google-authenticator libpam-wrapper libnss-wrapper \
	keepassxc pass pass-extension-otp gnupg openssl python3 python3-venv libldap-2.5-0 libltdl7 libpcap0.8 libcap2

# What `make install` puts in place. Copied here from the build folder, so that a later `swift build` with other options
# does not change it, and so that `sudo make install` needs no Swift.
DIST := .build/dist
SOURCES := Makefile Package.swift $(shell find Sources -type f)

# Programs that keyprov starts for a part of its work; they are looked for in ../libexec/keyprov and beside it.
COMPANIONS := keyprov-pictures keyprov-sheets keyprov-print keyprov-directory

# The day of the last commit, so that the same sources give the same pages.
MANUAL_DATE := $(or $(shell git log -1 --format=%cs 2>/dev/null),$(shell date -u +%F))

# The Swift runtime is linked in: it loads faster, and the machine that it runs on needs no toolchain. Without
# symbols it is 69 MB instead of 93, most of it Foundation with the tables of ICU, which GRDB imports.
RELEASE_FLAGS := -c release --static-swift-stdlib -Xlinker -s

# An import that Package.swift does not declare is an error. The same flags in `lint` and `test`, so that the second
# finds everything built.
TEST_BUILD_FLAGS := --build-tests --explicit-target-dependency-import-check error

.DELETE_ON_ERROR:

.PHONY: help
help:
	@echo 'make deps        install the Debian packages that the build needs'
	@echo 'make build       build the release binaries, $(DIST)/keyprov and its companions'
	@echo 'make demo        enroll a virtual YubiKey 5 and ask it for a code'
	@echo 'make test        run all tests'
	@echo 'make test-bus    of these: the released binary on a bus without hardware'
	@echo 'make test-vm     the same on a real kernel, in QEMU'
	@echo 'make test-interop  have the programs that import our files check codes'
	@echo 'make clients     install the programs of others that judge the virtual keys'
	@echo 'make lint        check formatting, scripts, imports and layers'
	@echo 'make install     install under PREFIX ($(PREFIX)), below DESTDIR'
	@echo 'make uninstall   remove what install put there'
	@echo 'make udev        write udev/$(RULES) anew'
	@echo 'make keys-table  write the table of keys in README.md anew'
	@echo 'make bench       measure the release binary beside other programs'
	@echo 'make clean       remove all that was built'

.PHONY: toolchain
toolchain:
	@Scripts/check-toolchain $(SWIFT)

.PHONY: deps
deps: toolchain
	@Scripts/install-packages $(BUILD_NEEDS)

.PHONY: test-deps
test-deps: toolchain
	@Scripts/install-packages $(BUILD_NEEDS) $(TEST_NEEDS)

.PHONY: build
build: $(DIST)/keyprov $(addprefix $(DIST)/,$(COMPANIONS))

$(addprefix $(DIST)/,$(COMPANIONS)): $(DIST)/%: $(SOURCES)
	$(SWIFT) build $(RELEASE_FLAGS) --product $*
	install -D -m 755 .build/release/$* $@

$(DIST)/keyprov: $(SOURCES)
	$(SWIFT) build $(RELEASE_FLAGS) --product keyprov
	install -D -m 755 .build/release/keyprov $@

# Reads pictures for the other one. Beside it here, in libexec where it is installed.
# The plugin writes below .build only. It builds in debug, where `make test` has built already.
$(DIST)/keyprov.1: $(SOURCES)
	rm -rf .build/plugins/GenerateManual/outputs $(DIST)/*.1
	$(SWIFT) package generate-manual --configuration debug --multi-page --section 1 --date $(MANUAL_DATE)
	install -D -m 644 -t $(DIST) .build/plugins/GenerateManual/outputs/keyprov/*.1

$(DIST)/completions/%: $(DIST)/keyprov
	@mkdir -p $(@D)
	$< --generate-completion-script $* > $@

.PHONY: demo
demo: deps build
	@Scripts/demo $(DIST)/keyprov

.PHONY: lint
lint: test-deps
	$(SWIFT) format lint --strict --parallel --recursive Sources Tests Package.swift
	for script in $$(grep -rlE '^#!.*\<(ba)?sh$$' .ci Benchmarks Scripts Tests); do bash -n "$$script" || exit 1; done
	$(SWIFT) build $(TEST_BUILD_FLAGS)
	Scripts/check_sources.py --swift $(SWIFT) --debug $(addprefix .build/debug/,$(COMPANIONS))

.PHONY: test
test: test-deps build
	$(SWIFT) build $(TEST_BUILD_FLAGS)
	Scripts/run_tests.py --swift $(SWIFT) --bus $(DIST)/keyprov

.PHONY: test-bus
test-bus: test-deps build
	Tests/Bus/run.py $(DIST)/keyprov

.PHONY: test-vm
test-vm: deps build
	$(SWIFT) build $(RELEASE_FLAGS) --product BusProbe
	Tests/VM/run --keyprov $(DIST)/keyprov

.PHONY: test-interop
test-interop: deps build
	@Scripts/install-packages $(INTEROP_NEEDS)
	Tests/Interop/run.py $(DIST)/keyprov

.PHONY: clients
clients:
	@Scripts/install-packages $(CLIENT_NEEDS)

.PHONY: install
install: build $(DIST)/keyprov.1 $(addprefix $(DIST)/completions/,bash zsh fish)
	install -D -m 755 $(DIST)/keyprov $(BINDIR)/keyprov
	install -D -m 755 -t $(LIBEXECDIR) $(addprefix $(DIST)/,$(COMPANIONS))
	install -d $(MANDIR)
	install -m 644 $(DIST)/*.1 $(MANDIR)
	install -D -m 644 $(DIST)/completions/bash $(BASHDIR)/keyprov
	install -D -m 644 $(DIST)/completions/zsh $(ZSHDIR)/_keyprov
	install -D -m 644 $(DIST)/completions/fish $(FISHDIR)/keyprov.fish
	install -D -m 644 udev/$(RULES) $(RULESDIR)/$(RULES)

.PHONY: uninstall
uninstall:
	rm -f $(BINDIR)/keyprov $(addprefix $(LIBEXECDIR)/,$(COMPANIONS)) $(MANDIR)/keyprov.1 $(MANDIR)/keyprov.*.1
	rm -f $(BASHDIR)/keyprov $(ZSHDIR)/_keyprov $(FISHDIR)/keyprov.fish $(RULESDIR)/$(RULES)

.PHONY: udev
udev: $(DIST)/keyprov
	$(DIST)/keyprov udev-rules > $(DIST)/$(RULES)
	install -D -m 644 $(DIST)/$(RULES) udev/$(RULES)

.PHONY: keys-table
keys-table: $(DIST)/keyprov
	$(DIST)/keyprov keys --markdown > $(DIST)/keys.md
	sed -i -e '/^<!-- keys:/,/^<!-- end of keys/{//!d}' -e '/^<!-- keys:/r $(DIST)/keys.md' README.md

.PHONY: bench
bench: deps build
	Benchmarks/run $(DIST)/keyprov

.PHONY: clean
clean:
	rm -rf .build
