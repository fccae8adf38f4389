# make demo   install what is missing, build, verify real model-written programs
# make test   formatting, vet, staticcheck and all tests
# make bench  benchmarks of the packages
# make checks the public benchmarks in full, about ten minutes; VENV names an environment with numpy and friends
BIN := bin/hone
export CGO_ENABLED := 0

.PHONY: all build demo test bench checks setup clean
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
	go test -run '^$$' -bench . -benchtime 3s ./judge ./problem ./store

checks: setup
	go run ./bench/checks $(if $(VENV),-python $(VENV)) > bench/CHECKS.tmp && mv bench/CHECKS.tmp bench/CHECKS.md

clean:
	rm -rf bin
