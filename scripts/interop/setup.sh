#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# What `make interop-linux` and `make interop-guest` need, made once as root, below
# ${XDG_CACHE_HOME:-~/.cache}/nicety:
#
#   trixie/   a Debian 13 tree with the QEMU of its backports, the first that has vfio-user-pci, and
#             programs for the guest: ethtool, kmod, udev, driverctl
#   kernel/   Debian 13's kernel, unpacked: vmlinuz and modules
#
# Both come from the mirror that this machine's own apt uses. A part is made under the name
# *.new and renamed when it is complete; what an interrupted run left is made again.
set -eu
PATH="$PATH:/usr/sbin:/sbin"
suite=trixie
cache=${XDG_CACHE_HOME:-$HOME/.cache}/nicety
tree=$cache/$suite
kernel=$cache/kernel

say() {
	echo "nicety: $*"
}
die() {
	echo "nicety: $*" >&2
	exit 1
}
qemu_works() {
	chroot "$tree" qemu-system-x86_64 -device vfio-user-pci,help >/dev/null 2>&1
}
kernel_works() {
	[ -n "$(find "$kernel/root/boot" -name 'vmlinuz-*' 2>/dev/null)" ] &&
		[ -n "$(find "$kernel/root/lib/" -name modules.dep.bin 2>/dev/null)" ]
}

[ "$(id -u)" = 0 ] || die "the tests with a guest need root: they make network namespaces and a" \
	"Debian tree. Run them with sudo"
[ "$(uname -m)" = x86_64 ] || die "the tests with a guest run on x86-64 only, this is $(uname -m)"
# In a mount namespace of its own: whatever is mounted below the tree vanishes with this script.
[ -n "${NICETY_MOUNTS-}" ] || NICETY_MOUNTS=1 exec unshare -m "$0" "$@"

"$(dirname "$0")/../setup.sh" interop
mkdir -p "$cache"
exec 9>"$cache/lock"
flock -n 9 || { say "waiting for another setup"; flock 9; }

# The settings of this machine's apt that decide how a mirror is reached: proxies, timeouts.
apt_settings() {
	apt-config dump | grep -E '^Acquire::(http|https|Retries|ForceIPv)' || true
}
mirror() {
	site=$(apt-get indextargets --format '$(REPO_URI)' 'Origin: Debian' 'Label: Debian' \
		'Created-By: Packages' | head -n 1)
	[ -n "$site" ] || die "apt knows no Debian mirror. Add one to /etc/apt/sources.list," \
		"then: apt-get update"
	echo "${site%/}"
}
remove() { # FOLDER: never across a mount, /dev would be one
	[ ! -e "$1" ] || rm -rf --one-file-system "$1" ||
		die "cannot remove $1: is something mounted below it? See: findmnt -R $1"
}
inside() { # COMMAND...: in the new tree
	chroot "$tree.new" env DEBIAN_FRONTEND=noninteractive LC_ALL=C "$@"
}

make_tree() {
	site=$(mirror)
	proxy=$(apt-config dump --format '%v%n' Acquire::http::Proxy | tail -n 1)
	[ -z "$proxy" ] || export http_proxy="$proxy" https_proxy="$proxy"
	remove "$tree.new"
	say "making a Debian tree in $tree, once (a minute or two)"
	debootstrap --variant=minbase "$suite" "$tree.new" "$site" >"$cache/setup.log" 2>&1 ||
		die "debootstrap failed, see $cache/setup.log. Is $site reachable?"
	apt_settings >"$tree.new/etc/apt/apt.conf.d/90nicety"
	echo "deb $site $suite-backports main" >"$tree.new/etc/apt/sources.list.d/backports.list"
	cp /etc/resolv.conf "$tree.new/etc/resolv.conf"
	say "installing QEMU there"
	{
		inside apt-get -q update &&
			inside apt-get -q -y install --no-install-recommends -t "$suite-backports" \
				qemu-system-x86
	} >>"$cache/setup.log" 2>&1 || die "apt-get failed in the tree, see $cache/setup.log"
	umount -R "$tree.new/proc" "$tree.new/sys" 2>/dev/null || true
	remove "$tree"
	mv "$tree.new" "$tree"
	qemu_works || die "the QEMU in $tree has no vfio-user-pci: 10.1 or newer is needed." \
		"Does the mirror carry $suite-backports?"
}
make_kernel() {
	say "fetching the kernel of Debian $suite (100 MB)"
	remove "$kernel.new"
	mkdir -p "$kernel.new/root"
	# By the tree's own apt: this machine's may know another release only.
	image=$(chroot "$tree" apt-cache depends linux-image-amd64 |
		sed -n 's/.*Depends: \(linux-image-[0-9].*\)/\1/p' | head -n 1)
	[ -n "$image" ] || die "the tree's apt knows no linux-image-amd64. Remove $tree and run again"
	mkdir -p "$tree/tmp/kernel"
	chroot "$tree" sh -c 'cd /tmp/kernel && apt-get -q update && apt-get -q download "$1"' sh \
		"$image" >"$cache/setup.log" 2>&1 ||
		die "cannot download $image, see $cache/setup.log"
	dpkg-deb -x "$tree/tmp/kernel/"linux-image-*.deb "$kernel.new/root" ||
		die "cannot unpack $image. Is the disk full? Tree and kernel take 0.6 GB"
	rm -r "$tree/tmp/kernel"
	index_kernel "$kernel.new"
	remove "$kernel"
	mv "$kernel.new" "$kernel"
}
index_kernel() { # FOLDER: modprobe looks into lib/modules, the package has usr/lib/modules
	[ -e "$1/root/lib" ] || ln -s usr/lib "$1/root/lib"
	for modules in "$1/root/lib/modules/"*; do
		depmod -b "$1/root" "$(basename "$modules")" || die "depmod failed"
	done
}

has_tools() {
	[ -x "$tree/usr/sbin/ethtool" ] && [ -x "$tree/usr/bin/kmod" ] &&
		[ -x "$tree/usr/bin/udevadm" ] && [ -x "$tree/usr/sbin/driverctl" ]
}
add_tools() { # the programs of the tree that go into the guest. Named sysusers, else all of systemd
	say "installing ethtool, kmod, udev and driverctl in $tree"
	{
		chroot "$tree" apt-get -q update &&
			chroot "$tree" env DEBIAN_FRONTEND=noninteractive LC_ALL=C \
				apt-get -q -y install --no-install-recommends ethtool kmod udev \
				systemd-standalone-sysusers driverctl
	} >"$cache/setup.log" 2>&1 || die "apt-get failed in $tree, see $cache/setup.log"
}

qemu_works || make_tree
has_tools || add_tools
kernel_works || make_kernel
kernel_works || die "no kernel in $kernel. Remove it and run again"
