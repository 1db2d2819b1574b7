#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# The kernel that `make interop-guest` builds itself, for what Debian's lack: the sources of the
# linux-source package that fits the one scripts/interop/setup.sh fetched, tinyconfig and
# tests/interop/guest-kernel.config. Once for each version and configuration (10 minutes on two
# cores, 2 GB meanwhile); a build that was interrupted goes on where it was. The last line it prints
# is the kernel's path, in ${XDG_CACHE_HOME:-~/.cache}/nicety.
set -eu
here=$(dirname "$0")
config=$here/../../tests/interop/guest-kernel.config
cache=${XDG_CACHE_HOME:-$HOME/.cache}/nicety
tree=$cache/trixie

say() {
	echo "nicety: $*" >&2
}
die() {
	say "$@"
	exit 1
}

"$here/setup.sh" >&2
"$here/../setup.sh" kernel >&2
image=$(basename "$(echo "$cache"/kernel/root/boot/vmlinuz-*)")
version=$(expr "$image" : 'vmlinuz-\([0-9.]*\)') || die "'$image': which version is that?"
# What the package is called: 6.12.107 is in linux-source-6.12.
package=linux-source-${version%.*}
key=$(sha256sum <"$config" | cut -c -12)
kernel=$cache/guest-kernel-$version-$key
exec 9>"$cache/guest-kernel.lock" # not that of setup.sh: others need not wait so long
flock -n 9 || { say "waiting for another build"; flock 9; }
if [ -e "$kernel" ]; then
	echo "$kernel"
	exit 0
fi

build=$kernel.build
log=$kernel.log
if [ ! -e "$build/complete" ]; then
	say "fetching the sources of Linux $version (150 MB)"
	rm -rf "$build"
	mkdir -p "$build" "$tree/tmp/source"
	# By the tree's own apt: this machine's may know another release only.
	chroot "$tree" apt-get -q update >"$log" 2>&1 || die "apt-get failed in $tree, see $log"
	exact=$(chroot "$tree" apt-cache madison "$package" |
		awk -v want="$version-" 'index($3, want) == 1 { print $3; exit }')
	[ -n "$exact" ] || die "the mirror has no $package of $version any more: remove" \
		"$cache/kernel, then both are fetched anew"
	chroot "$tree" sh -c 'cd /tmp/source && apt-get -q download "$1"' sh "$package=$exact" \
		>>"$log" 2>&1 || die "cannot download $package=$exact, see $log"
	dpkg-deb --fsys-tarfile "$tree/tmp/source/$package"_*.deb |
		tar -xO "./usr/src/$package.tar.xz" | tar -xJ -C "$build" --strip-components=1 ||
		die "cannot unpack $package. Is the disk full? It takes 2 GB"
	rm -r "$tree/tmp/source"
	touch "$build/complete"
fi
say "building Linux $version, once (10 minutes on two cores), see $log"
make -s -C "$build" tinyconfig >"$log" 2>&1 || die "cannot configure it, see $log"
cat "$config" >>"$build/.config"
make -s -C "$build" olddefconfig >>"$log" 2>&1 || die "cannot configure it, see $log"
missing=$(grep "^CONFIG" "$config" | grep -vxFf "$build/.config" | xargs)
[ -z "$missing" ] || die "Linux $version does not take this from $config: $missing"
nice make -C "$build" "-j$(nproc)" bzImage >>"$log" 2>&1 || die "it does not build, see $log"
cp "$build/arch/x86/boot/bzImage" "$kernel.new"
mv "$kernel.new" "$kernel"
rm -rf "$build"
echo "$kernel"
