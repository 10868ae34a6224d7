# The commands of this checkout. Everything is done by `capos`; this file only makes sure that it can start.
#
#   make prove       install what is missing, build, prove run-storage-persist
#   make test        install what is missing, then every test
#   make setup       only install
#   make setup-cloud install Google's client too, for capos cloudboot
#   make run-NAME    prove run-NAME
#   make fuzz        a minute of fuzzing for each parser of the kernel
#   make planted-bugs   plant known mistakes in a copy of the kernel, and say which test finds each (half an hour)

CAPOS := node bin/capos.mjs

.PHONY: fuzz planted-bugs prove test setup setup-cloud setup-test check fmt run-%

prove: setup
	@$(CAPOS) prove run-storage-persist

test: setup-test
	@npx esbuild tools/test.ts --bundle --platform=node --format=esm --log-level=warning --outfile=.capos/cache/test.mjs
	@node .capos/cache/test.mjs

setup: node_modules/.package-lock.json
	@$(CAPOS) setup

setup-cloud: setup cloud/client/node_modules/.package-lock.json

setup-test: setup-cloud harness/build/capnp-es/node_modules/.package-lock.json
	@$(CAPOS) setup --test

# npm ci removes and reinstalls everything, so it runs only when the lockfile has changed.
node_modules/.package-lock.json: package-lock.json
	npm ci --no-audit --no-fund
	@touch $@

# A second opinion on our Cap'n Proto messages; it needs another TypeScript, so it has a lockfile of its own.
harness/build/capnp-es/node_modules/.package-lock.json: harness/build/capnp-es/package-lock.json
	cd harness/build/capnp-es && npm ci --no-audit --no-fund
	@touch $@

# Large and used by one command only, so it has a lockfile of its own and nobody else waits for it.
cloud/client/node_modules/.package-lock.json: cloud/client/package-lock.json
	cd cloud/client && npm ci --no-audit --no-fund
	@touch $@

# Coverage guides the search: LLVM's own pass, which Debian's compiler takes.
COVERAGE := -Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=3 \
	-Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-trace-compares

fuzz: setup
	RUSTC=/usr/bin/rustc RUSTFLAGS="$(COVERAGE)" /usr/bin/cargo run --release --offline --locked \
		--target-dir .capos/host --manifest-path kernel/fuzz/Cargo.toml -- --seconds 60 --seed $$(date +%s)

planted-bugs: setup
	@npx esbuild tools/planted-bugs/run.ts --bundle --platform=node --format=esm --log-level=warning --outfile=.capos/cache/planted-bugs.mjs
	@node .capos/cache/planted-bugs.mjs $(BUGS)

check: setup
	@$(CAPOS) check

fmt:
	npx oxfmt harness cloud tools
	cargo fmt --all

run-%: setup
	@$(CAPOS) prove $@
