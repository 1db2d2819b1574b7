#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# Install what is missing, through apt-get, as root or with sudo.
#
#   setup.sh [--check] build|check|cross|bench|interop|kernel|dpdk...
#
# Without a way to become root, or with --check: say what is missing, how to get it, and fail.
set -eu

usage="usage: scripts/setup.sh [--check] build|check|cross|bench|interop|kernel|dpdk..."
only_check=
[ "${1-}" = --check ] && { only_check=1; shift; }
[ $# -gt 0 ] || { echo "$usage" >&2; exit 2; }

missing=
need() { # PACKAGE PROBE...: the package is missing if the probe fails
	package=$1
	shift
	case " $missing " in *" $package "*) return ;; esac
	"$@" >/dev/null 2>&1 || missing="$missing $package"
}
want() { # the same, but the build does without it: not missed by --check
	[ -n "$only_check" ] || need "$@"
}
have() { # programs that live in sbin count too
	PATH="$PATH:/usr/sbin:/sbin" command -v "$1"
}
compiles() { # COMPILER OPTION: a program with this option can be linked
	echo 'int main(void) { return 0; }' | "$1" -x c - "$2" -o /dev/null
}

for set; do
	case $set in
	build)
		need gcc have gcc
		need libc6-dev compiles gcc -O
		need meson have meson
		need ninja-build have ninja
		need pkg-config have pkg-config
		want libjansson-dev pkg-config --exists jansson
		want libpcap-dev pkg-config --exists libpcap
		want scdoc have scdoc
		want iproute2 have ip
		want iputils-ping have ping
		;;
	check)
		need libcmocka-dev pkg-config --exists cmocka
		need g++ have g++
		need clang have clang
		need clang-format have clang-format
		need cloc have cloc
		need binutils have nm
		need python3 have python3
		need iputils-arping have arping
		need tshark have tshark
		need util-linux have unshare
		;;
	cross)
		need gcc-s390x-linux-gnu have s390x-linux-gnu-gcc
		need libc6-dev-s390x-cross test -e /usr/s390x-linux-gnu/include/stdio.h
		need gcc-aarch64-linux-gnu have aarch64-linux-gnu-gcc
		need libc6-dev-arm64-cross test -e /usr/aarch64-linux-gnu/include/stdio.h
		need qemu-user-static have qemu-s390x-static
		;;
	bench)
		need python3 have python3
		;;
	interop)
		need busybox-static sh -c 'busybox --list | grep -qx insmod'
		need cpio have cpio
		need debootstrap have debootstrap
		need kmod have depmod
		need python3 have python3
		need iputils-arping have arping
		need util-linux have unshare
		need xz-utils have xz
		;;
	kernel)
		need gcc have gcc
		need make have make
		need flex have flex
		need bison have bison
		need bc have bc
		need libelf-dev pkg-config --exists libelf
		need perl have perl
		need pkg-config have pkg-config
		need xz-utils have xz
		;;
	dpdk)
		need dpdk have dpdk-testpmd
		need libdpdk-dev pkg-config --exists libdpdk
		need dpkg-dev have dpkg-source
		need xz-utils have xz
		need python3 have python3
		;;
	*)
		echo "$usage" >&2
		exit 2
		;;
	esac
done
[ -n "$missing" ] || exit 0

give_up() {
	echo "nicety: missing packages:$missing" >&2
	echo "nicety: $1. On Debian or Ubuntu, as root:" >&2
	echo "    apt-get update && apt-get install --no-install-recommends$missing" >&2
	exit 1
}
[ -z "$only_check" ] || give_up "'make setup' installs them"
command -v apt-get >/dev/null || give_up "this system has no apt-get; install what corresponds"
root=
if [ "$(id -u)" != 0 ]; then
	command -v sudo >/dev/null || give_up "cannot install them without root or sudo"
	root=sudo
fi
echo "nicety: installing$missing"
$root apt-get -q update || echo "nicety: apt-get update failed, trying with the lists there are" >&2
# Word splitting is wanted.
# shellcheck disable=SC2086
$root env DEBIAN_FRONTEND=noninteractive apt-get -q -y install --no-install-recommends $missing ||
	give_up "apt-get could not install them"
