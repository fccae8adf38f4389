#!/usr/bin/env bash
# Runs a package's tests on an emulated processor that has AVX-512, for machines without:
#
#   scripts/emulate-avx512.sh PACKAGE [test flags]
#   scripts/emulate-avx512.sh ./tensor/simd -v -run '/avx512'
#
# Prints what the test prints and returns its status; 124 when the time was up, 125 when
# the emulated machine failed. The test is built with `go test -c`, packed with the
# package's testdata and go.mod into an initramfs, and booted with Debian's cloud kernel in
# Bochs as a Skylake-X (AVX-512 F, CD, DQ, BW, VL; nothing newer, so that an instruction
# which needs more faults). It is a tool for developers and no part of `make test`.
#
# Speed and limits: one emulated core at some 50 million instructions a second, a few hundred
# times slower than a real one for wide vector code; the boot takes ten seconds of one free
# host core, all tests of tensor/simd at AVX-512 with it one minute. Bochs computes in
# software and is exact where the architecture is (rounding, FMA, masks, faults); it says
# nothing about speed, alignment penalties or the order of memory accesses between cores, and
# the processor's approximations (VRCP14PS, VRSQRT14PS) may differ in their last bits. No
# network and no Go toolchain inside; the clock is that of the emulated machine.
#
# Environment: EMULATE_LIMIT seconds of real time (900; more on a busy machine), EMULATE_CPU a model of
# `bochs --help cpu` (corei7_skylake_x), EMULATE_MEMORY in MiB (1024); HONE_* reach the
# test, HONE_SIMD is avx512 unless set. Everything is kept in ${XDG_CACHE_HOME:-~/.cache}/hone/bochs.
set -euo pipefail

die() { echo "emulate-avx512: $*" >&2; exit 125; }

[ $# -ge 1 ] || { sed -n '2,/^set/s/^# \{0,1\}//p' "$0" >&2; exit 2; }
package=$1
shift
limit=${EMULATE_LIMIT:-900}
cpu=${EMULATE_CPU:-corei7_skylake_x}
memory=${EMULATE_MEMORY:-1024}
cache=${XDG_CACHE_HOME:-$HOME/.cache}/hone/bochs
self=$(cd "$(dirname "$0")" && pwd)
mkdir -p "$cache"

# Bochs shows the screen through a terminal (bochs-term), which script(1) provides.
isolinux=/usr/lib/ISOLINUX/isolinux.bin ldlinux=/usr/lib/syslinux/modules/bios/ldlinux.c32
bios=/usr/share/bochs/BIOS-bochs-latest vgabios=/usr/share/vgabios/vgabios.bin
packages="bochs bochs-term bochsbios vgabios isolinux syslinux-common xorriso cpio bsdutils"
complete() {
  command -v bochs xorriso cpio script >/dev/null &&
    [ -e $isolinux ] && [ -e $ldlinux ] && [ -e $bios ] && [ -e $vgabios ] &&
    compgen -G '/usr/lib/*/bochs/plugins/libbx_term_gui.so' >/dev/null
}
if ! complete; then
  [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null ||
    die "packages are missing. As root on Debian 12 or later: apt-get install --no-install-recommends $packages"
  echo "emulate-avx512: installing $packages" >&2
  apt-get update -qq
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $packages >/dev/null
  complete || die "something is still missing of: $packages"
fi

if [ ! -e "$cache/vmlinuz" ]; then # unpacked only: the kernel is not installed here
  deb=$(mktemp -d "$cache/deb.XXXXXX")
  trap 'rm -rf "$deb"' EXIT
  name=$(apt-cache depends linux-image-cloud-amd64 | sed -n 's/^ *Depends: //p' | head -1)
  (cd "$deb" && apt-get download -qq "${name:-linux-image-cloud-amd64}" 2>/dev/null && dpkg-deb -x ./*.deb .) ||
    die "cannot download the package linux-image-cloud-amd64 (apt-get update?)"
  mv "$deb"/boot/vmlinuz-* "$cache/vmlinuz"
  rm -rf "$deb"
fi

run=$(mktemp -d "$cache/run.XXXXXX")
emulator=
cleanup() {
  [ -z "$emulator" ] || kill "$emulator" 2>/dev/null || true
  rm -rf "$run"
}
trap cleanup EXIT
trap 'exit 130' INT TERM

# The root directory: /src holds what tests read of the module, at the same paths.
export CGO_ENABLED=0 GOOS=linux GOARCH=amd64
read -r dir module < <(go list -f '{{.Dir}} {{.Module.Dir}}' "$package")
root=$run/root
work=/src${dir#"$module"}
mkdir -p "$root"/{proc,sys,dev,tmp,emulate} "$root$work"
go build -ldflags='-s -w' -o "$root/init" "$self/emulate"
go test -c -ldflags='-s -w' -o "$root/emulate/test" "$package"
[ -e "$root/emulate/test" ] || { echo "?   	$package	[no test files]"; exit 0; }
cp "$module/go.mod" "$root/src/"
[ ! -d "$dir/testdata" ] || cp -r "$dir/testdata" "$root$work/"
{
  printf '%s\n' "$work" /emulate/test
  for flag; do # as `go test` does: -run is the binary's -test.run
    sed -E 's/^--?(v|run|skip|short|count|cpu|parallel|failfast|fullpath|shuffle|timeout|list|bench|benchtime|benchmem)(=|$)/-test.\1\2/' <<<"$flag"
  done
} >"$root/emulate/args"
{
  printf '%s\n' HOME=/tmp PATH=/emulate "HONE_SIMD=${HONE_SIMD:-avx512}"
  env | grep -E '^(HONE_[A-Z0-9_]+|GODEBUG|GOMAXPROCS|GOTRACEBACK)=' | grep -v '^HONE_SIMD=' || true
} >"$root/emulate/env"

# Bochs 2.7 gives a wrong size for the compacted state of XSAVES, at which Linux switches
# AVX off; with the standard format both agree. An instruction takes 1/ips seconds of the
# guest's time; few of them make the kernel's waits short. Without ACPI the boot is shorter
# too, and a restart (reboot=t, a triple fault) is what ends Bochs.
mkdir -p "$run/iso/isolinux"
cp "$cache/vmlinuz" "$run/iso/vmlinuz"
cp $isolinux $ldlinux "$run/iso/isolinux/"
(cd "$root" && find . | cpio --quiet -o -H newc -R 0:0) >"$run/iso/initrd"
cat >"$run/iso/isolinux/isolinux.cfg" <<END
default test
prompt 0
label test
  kernel /vmlinuz
  append initrd=/initrd console=ttyS0,115200 quiet nokaslr mitigations=off noxsaves clearcpuid=xsavec tsc=unstable lpj=96000 no_timer_check edd=off init_on_alloc=0 cryptomgr.notests lsm= acpi=off reboot=t
END
xorriso -as mkisofs -quiet -o "$run/boot.iso" -b isolinux/isolinux.bin -c isolinux/boot.cat \
  -no-emul-boot -boot-load-size 4 -boot-info-table "$run/iso" 2>"$run/xorriso" || die "$(cat "$run/xorriso")"
cat >"$run/bochsrc" <<END
display_library: term
romimage: file=$bios
vgaromimage: file=$vgabios
megs: $memory
cpu: model=$cpu, count=1, ips=24000000, reset_on_triple_fault=0
clock: sync=none
ata0-master: type=cdrom, path=$run/boot.iso, status=inserted
boot: cdrom
com1: enabled=1, mode=file, dev=$run/kernel
com2: enabled=1, mode=file, dev=$run/output
log: $run/log
panic: action=fatal
error: action=ignore
info: action=ignore
debug: action=ignore
END
echo c >"$run/continue" # Debian's Bochs starts in its debugger
: >"$run/output"

TERM=xterm timeout "$limit" script -qec "bochs -q -f '$run/bochsrc' -rc '$run/continue'" "$run/screen" </dev/null >/dev/null 2>&1 &
emulator=$!
tail -n +1 -f --pid=$emulator "$run/output" | sed -u 's/\r$//; /^emulate: status /d; s/emulate: status -\?[0-9]*$//'
code=0
wait $emulator || code=$? # not 0 either when the machine ends as it should
emulator=
status=$(tr -d '\r' <"$run/output" | sed -n 's/.*emulate: status //p' | tail -1)
case $status in
  [0-9]*) exit "$status" ;;
  -1) exit 125 ;;
esac
[ $code != 124 ] || { echo "emulate-avx512: stopped after $limit s (EMULATE_LIMIT)" >&2; exit 124; }
{ tail -20 "$run/kernel"; tail -5 "$run/log"; } >&2 2>/dev/null || true
die "the emulated machine ended before the test did"
