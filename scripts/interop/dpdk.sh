#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# What `make interop-dpdk` needs: Debian's DPDK, and two headers for drivers that its packages lack,
# from its source package of exactly that version, kept in
# ${XDG_CACHE_HOME:-~/.cache}/nicety/dpdk-VERSION. The last line it prints is that folder.
set -eu
cache=${XDG_CACHE_HOME:-$HOME/.cache}/nicety

say() {
	echo "nicety: $*" >&2
}
die() {
	say "$@"
	exit 1
}

[ "$(uname -m)" = x86_64 ] || die "the tests with DPDK run on x86-64 only, this is $(uname -m)"
"$(dirname "$0")/../setup.sh" dpdk >&2
version=$(dpkg-query -f '${source:Version}' -W libdpdk-dev) || die "libdpdk-dev is not from Debian"
headers=$cache/dpdk-$version
mkdir -p "$cache"
exec 9>"$cache/lock"
flock -n 9 || { say "waiting for another setup"; flock 9; }
if [ -e "$headers/bus_pci_driver.h" ]; then
	echo "$headers"
	exit 0
fi

# The sources of this machine's own mirrors, in lists of their own: its settings stay as they are.
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
chmod 755 "$work" # apt drops root to download
mkdir -p "$work/lists/partial"
apt-get indextargets --format '$(REPO_URI) $(CODENAME)' 'Origin: Debian' 'Created-By: Packages' |
	sort -u | sed 's/^/deb-src /; s/$/ main/' >"$work/sources.list"
[ -s "$work/sources.list" ] || die "apt knows no Debian mirror. Add one to /etc/apt/sources.list," \
	"then: apt-get update"
fetch() {
	apt-get -q -o Dir::Etc::SourceList="$work/sources.list" -o Dir::Etc::SourceParts=- \
		-o Dir::State::Lists="$work/lists" -o Acquire::Languages=none "$@" >>"$work/log" 2>&1 &&
		return
	cat "$work/log" >&2
	die "cannot fetch the source package dpdk $version; does the mirror carry sources?"
}
say "fetching DPDK's source package for two headers (16 MB)"
cd "$work"
fetch update
fetch source --download-only "dpdk=$version"
mkdir -p "$headers.new"
for file in drivers/bus/pci/bus_pci_driver.h lib/eal/include/dev_driver.h; do
	tar -xJOf dpdk_*.orig.tar.xz --wildcards "*/$file" >"$headers.new/${file##*/}" ||
		die "DPDK $version has no $file: another version than 22.11?"
done
rm -rf "$headers"
mv "$headers.new" "$headers"
echo "$headers"
