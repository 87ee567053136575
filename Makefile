# Calla's errands; "make" alone lists them. Each first installs what it needs and the machine lacks.
.DEFAULT_GOAL := help
SHELL := /bin/bash

# Flags that make Go compile all of Fyne again: -race, -trimpath, CGO_ENABLED and GOOS. So there are two ways it is
# compiled for this machine, -trimpath for all that is built and checked and -race for tests, and one for Windows.
BUILD := go build -trimpath
VET := go vet -trimpath
# `make lint` vets. SQLite's own C, as Go, is not watched for races: a test of it would take four times as long, and it
# has no generic code of others of which the linker could take this copy.
TEST := go test -race -shuffle=on -vet=off -gcflags=modernc.org/sqlite/lib=-race=false
PURE := ./netsip/... ./account/... ./phone/... ./audio ./audio/dsp/...
# What draws the icons is a module of its own: the program needs nothing of that.
DRAW := icons/draw
# So is what needs other phones' libraries, for `make bench`.
COMPARE := test/compare
FUZZTIME ?= 30s
FAULTS ?= F
PEERS ?= kamailio,coturn,jssip,sipjs,rtpengine,janus,asterisk
VULNDB ?= ../shared/govulndb-v1.tar.xz

.PHONY: help setup setup-test setup-sound setup-windows run build headless test test-pure test-race test-window lint fmt demo bench \
	bench-sound screenshots e2e \
	interop jssip fuzz fuzz-state soak docs icons package-linux package-windows package-macos test-packages clean

help:
	@awk -F':.*## ' '/^[a-z0-9-]+:.*## /{printf "  make %-16s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: build ## open the phone; without a display, the phone in text
	@./build/calla

build: setup ## the program: build/calla
	$(BUILD) -o build/calla .

headless: setup ## the program without a window, for servers: build/calla-headless
	$(BUILD) -tags headless -o build/calla-headless .

# What can fail soonest comes first. With CALLA_E2E=1 the peers are installed and must be there.
test: $(if $(CALLA_E2E),setup-test,setup) ## everything: format, lint, tests; with CALLA_E2E=1 against real peers too
	$(MAKE) fmt
	$(MAKE) test-pure
	$(MAKE) build headless
	$(MAKE) lint
	$(MAKE) test-window
	$(if $(CALLA_E2E),$(MAKE) jssip)
	$(MAKE) test-race

test-pure: # what must work without C
	CGO_ENABLED=0 go test -shuffle=on -vet=off $(PURE) ./ui/desktop
	CGO_ENABLED=0 go test -run '^$$' -bench 'Call$$|Packet$$' -benchtime 1x ./netsip ./netsip/rtc # they still end
	CGO_ENABLED=0 go -C $(DRAW) test -shuffle=on ./...

test-window: setup # what its one goroutine does alone, which the race detector would watch for minutes
	go test -trimpath -shuffle=on -vet=off ./ui

# What talks to peers mostly waits: two side by side, of which one at most draws or sounds much.
PAIRS := calla/test calla/test/security calla/test/faults calla/test/interop

test-race: setup
	$(TEST) -timeout 20m $$(go list ./... | grep -vxF "$$(printf '%s\n' $(PAIRS))")
	$(TEST) -p 2 -timeout 20m $(wordlist 1,2,$(PAIRS))
	$(TEST) -p 2 -timeout 20m $(wordlist 3,4,$(PAIRS))

demo: build ## call the sandbox's echo and measure what comes back
	./build/calla demo

bench: setup-test build headless jssip ## speed and size, beside other phones
	CALLA_BENCH=1 go test -trimpath -count=1 -timeout 40m -v ./test/bench
	CGO_ENABLED=0 go test -run '^$$' -bench . ./phone/journal

bench-sound: setup-sound build jssip ## how it sounds, beside others; the tables go into docs/sound.md
	CALLA_BENCH=1 go test -trimpath -count=1 -p 1 -timeout 90m -v ./test/sound; status=$$?; $(MAKE) docs; exit $$status

# Faults of networks mostly wait: so many rows of them run side by side, each in networks of its own.
BESIDE ?= 8

soak: setup-test build headless jssip ## every fault of docs/faults.md twenty times; FAULTS=F03 for some of them
	CALLA_SOAK=1 CGO_ENABLED=0 go test -count=1 -v -run TestKilled ./phone/journal
	CALLA_SOAK=1 go test -trimpath -count=1 -v -run TestAHundredThousand ./ui/contacts
	CALLA_SOAK=1 CALLA_E2E=1 go test -trimpath -count=1 -p 1 -parallel $(BESIDE) -timeout 90m -v -run 'Test($(FAULTS))' ./test/faults || code=$$?; \
		go run ./docs/generate && mkdir -p build && cp docs/faults.md build/soak.md && exit $${code:-0}

screenshots: setup-test build jssip ## photograph every window of the running program, light and dark, into docs/screenshots
	rm -f docs/screenshots/*
	CALLA_SCREENSHOTS=$(CURDIR)/docs/screenshots CALLA_E2E=1 go test -trimpath -count=1 -run TestScreenshots ./test

e2e: setup-test build headless jssip ## the built program against Kamailio, JsSIP in Chromium, PulseAudio, a keyring
	CALLA_E2E=1 $(TEST) -count=1 -p 1 -timeout 20m -v ./test/...

interop: setup-test build headless jssip ## every flow with every peer there is; the results go into docs/interop.md
	CALLA_INTEROP_RECORD=1 CALLA_INTEROP=$(PEERS) go test -trimpath -count=1 -timeout 60m -v -run TestInterop ./test/interop; \
		status=$$?; $(MAKE) docs; exit $$status

jssip: build/jssip.bundle.js build/sipjs.bundle.js build/janus.bundle.js

build/%.bundle.js: test/%/node_modules/.package-lock.json test/%/page.js test/jssip/instruments.js
	cd test/$* && npm run --silent bundle

# This page needs no library; JsSIP's has what makes one file of it.
build/janus.bundle.js: test/jssip/node_modules/.package-lock.json test/janus/page.js test/jssip/instruments.js
	cd test/jssip && npm run --silent bundle-janus

.PRECIOUS: test/%/node_modules/.package-lock.json
test/%/node_modules/.package-lock.json: test/%/package-lock.json
	cd test/$* && npm ci --no-audit --no-fund

lint: setup ## tidy modules, vet, staticcheck and, where the database of vulnerabilities stands, govulncheck
	for module in . $(DRAW) $(COMPARE); do go -C $$module mod tidy -diff || exit 1; done
	$(VET) ./...
	$(VET) -tags headless .
	GOOS=darwin CGO_ENABLED=0 go vet $(PURE)
	GOOS=windows CGO_ENABLED=0 go vet $(PURE)
	go -C $(DRAW) vet ./...
	CGO_ENABLED=0 go -C $(COMPARE) vet .
	GOFLAGS="$$(go env GOFLAGS) -trimpath" go run honnef.co/go/tools/cmd/staticcheck@v0.8.2 ./...
	cd $(DRAW) && go run honnef.co/go/tools/cmd/staticcheck@v0.8.2 ./...
	packaging/vulnerabilities $(VULNDB)

fmt: # fails, and says where, if gofumpt would change a file
	@files=$$(git ls-files -co --exclude-standard '*.go' | xargs go run mvdan.cc/gofumpt@v0.12.0 -l) && \
		{ [ -z "$$files" ] || { echo "gofumpt would change:"; echo "$$files"; exit 1; }; }

fuzz: ## every fuzz target for FUZZTIME (30s)
	@grep -roE --include='*_test.go' '^func Fuzz[A-Za-z0-9_]+' . | sed 's|/[^/]*_test.go:func | |' | \
		while read -r dir name; do CGO_ENABLED=0 go test -run '^$$' -fuzz "^$$name\$$" -fuzztime $(FUZZTIME) "$$dir" || exit 1; done

fuzz-state: ## a million steps of a far end and a user who do anything in any order
	CALLA_FUZZ_STEPS=1000000 go test -trimpath -count=1 -timeout 30m -run TestNothingIsStuck -v ./netsip

docs: ## write the generated pages
	go run ./docs/generate

icons: ## write the pictures that icons/svg describes
	go -C $(DRAW) run . ..

package-linux: setup ## build/Calla-VERSION-linux-ARCH.tar.xz
	packaging/linux

package-windows: setup-windows ## build/Calla-VERSION-windows-amd64.zip, cross-built with mingw
	packaging/windows

package-macos: ## build/Calla-VERSION-macos-ARCH.zip, on a Mac
	packaging/macos

test-packages: setup-test package-linux package-windows ## start the packaged programs: register, call, keep a password, show the window
	CALLA_PACKAGES=1 go test -trimpath -count=1 -v -timeout 20m ./test/packages

setup:
	@packaging/system-packages build run

setup-test: setup
	@packaging/system-packages test

setup-sound: setup-test
	@packaging/system-packages sound

setup-windows:
	@packaging/system-packages windows

clean: ## remove what was built
	rm -rf build test/jssip/node_modules test/sipjs/node_modules
