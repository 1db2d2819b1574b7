# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=bash
#
# What guest.sh checks besides the conformance suite: what doctor finds and what it says mends it, a
# user without rights, which way to a device VFIO's backend takes, bindings that outlive a boot.

# ---- doctor ----

finds() { # CHECK PATTERN COMMAND: the finding is there; how to mend it goes to /tmp/fix
	guest "$3 >/tmp/doctor; cat /tmp/doctor; sed -n '/^$1 .*$2/{n;s/^ *fix: //p;}' /tmp/doctor >/tmp/fix; [ -s /tmp/fix ]"
}
mends() { # CHECK PATTERN: what doctor prints, run as it stands, makes the finding go away
	finds "$1" "$2" 'nicety doctor' || return 1
	guest "cat /tmp/fix; sh -e /tmp/fix && nicety doctor >/tmp/doctor; cat /tmp/doctor; grep '^in order:.* $1' /tmp/doctor"
}
doctor_machine() { # RUN: of a machine that just booted
	check "$1: doctor: hugepages are missing, and how to get them" mends hugepages 'none are reserved'
	check "$1: doctor: vfio-pci is missing, and how to get it" mends modules 'vfio-pci is not loaded'
	check "$1: doctor: a user's memory may not be locked" memlock
}
memlock() { # until the limit is raised, as a login does by the file that the fix writes
	finds memlock 'lock only 8192 KiB' "su user -c 'nicety doctor'" || return 1
	guest "(ulimit -l unlimited; su user -c 'nicety doctor') >/tmp/doctor; cat /tmp/doctor; grep '^in order:.* memlock' /tmp/doctor"
}

# ---- users and ways ----

as_user() { # COMMAND: of an ordinary user who may lock memory
	guest "(ulimit -l unlimited; su user -c '$1')"
}
group_of() { # ADDRESS
	guest "basename \$(readlink /sys/bus/pci/devices/$1/iommu_group)"
}
node_of() { # ADDRESS
	guest "ls /sys/bus/pci/devices/$1/vfio-dev"
}
opens() { # ADDRESS: what of /dev an ordinary user's nicety has open
	guest "(ulimit -l unlimited; su user -c 'exec nicety dump pci:$1 --duration 5') >/tmp/dump 2>&1 & for i in \$(seq 100); do usleep 50000; ls -l /proc/\$(pidof nicety)/fd >/tmp/fds 2>/dev/null; grep -q 'anon_inode.*vfio-device\\|vfio/devices' /tmp/fds && break; done; sed -n 's/.* -> //p' /tmp/fds | grep -E '^/dev/(vfio|iommu)' | sort | xargs; wait \$! || { cat /tmp/dump; false; }"
}
refused() { # ADDRESS REASON [LIMIT]: to an ordinary user, who is told why
	guest "! (ulimit -l ${3-unlimited}; su user -c 'nicety dump pci:$1 --duration 1') >/tmp/refusal 2>&1; cat /tmp/refusal; grep -q '$2' /tmp/refusal"
}
without_root() { # CHIP A B
	local address group groups=
	check "$title: a user is refused, and told how to get the right" refused "$2" 'sudo chown $USER /dev/vfio/'
	for address in $2 $3; do
		check "$title: doctor gives $address to the user" gives "$address"
		group=$(group_of "$address")
		groups="$groups /dev/vfio/$group"
	done
	check "$title: a user's memory limit is too low, and named" refused "$2" 'ulimit -l unlimited' 64
	check "$title: info for the user" as_user "nicety info pci:$2"
	check "$title: the user's nicety has the group" same "/dev/vfio/$(group_of "$2") /dev/vfio/vfio" opens "$2"
	users_conformance "$1" "$2" "$3"
	guest "chown 0:0 $groups"
}
users_conformance() { # CHIP A B: as the user, who has both devices
	local test
	for test in link_and_mac_are_reported every_frame_size_arrives_intact_and_in_order; do
		check "$title: for the user: $test" users_test "$1" "$2" "$3" $test
	done
}
users_test() { # CHIP A B TEST
	as_user "NICETY_CHIP=$1 NICETY_HOST=pci NICETY_ON_QEMU=1 NICETY_PCI_A=pci:$2 NICETY_PCI_B=pci:$3 NICETY_TEST=$4 timeout 110 conformance_basic 2>&1" >"$tmp/test"
	passed "$4"
}
gives() { # ADDRESS: to the user, by what doctor tells this user
	finds rights 'may not open' "su user -c 'nicety doctor $1'" &&
		guest "cat /tmp/fix; USER=user sh -e /tmp/fix && su user -c 'nicety doctor $1' >/tmp/doctor; cat /tmp/doctor; grep '^in order:.* rights' /tmp/doctor"
}
same() { # TEXT COMMAND...: that is what the command prints
	local got want=$1
	shift
	got=$("$@") || { echo "$got"; return 1; }
	[ "$got" = "$want" ] || { echo "want: $want"; echo "got:  $got"; return 1; }
}
# The backend has no option for that: it takes the node where it may open both it and /dev/iommu.
node_or_group() { # CHIP A B
	local address nodes=
	check "$title: the user's nicety takes a group that it may open" same \
		"/dev/vfio/$(group_of "$2") /dev/vfio/vfio" with_group "$2"
	for address in $2 $3; do
		nodes="$nodes /dev/vfio/devices/$(node_of "$address")"
	done
	check "$title: a node without /dev/iommu is no way" refused_with "$nodes" "$2"
	guest "chown user $nodes /dev/iommu"
	check "$title: the user's nicety takes node and iommufd where it may" same \
		"/dev/iommu /dev/vfio/devices/$(node_of "$2")" opens "$2"
	users_conformance "$1" "$2" "$3"
	guest "chown 0:0 $nodes /dev/iommu"
}
with_group() { # ADDRESS
	local group
	group=$(group_of "$1")
	guest "chown user /dev/vfio/$group" && opens "$1" && guest "chown 0:0 /dev/vfio/$group"
}
refused_with() { # NODES ADDRESS: that belong to the user
	guest "chown user $1" && refused "$2" 'sudo chown $USER /dev/vfio/' && guest "chown 0:0 $1"
}
unsafe_mode() { # ADDRESS: bind refuses until it is on; doctor says that it is
	check "noiommu: bind refuses as long as the mode is off" guest "! nicety bind $1 2>/tmp/refusal; cat /tmp/refusal; grep -q 'behind no IOMMU' /tmp/refusal"
	check "noiommu: the unsafe mode is turned on" guest "echo 1 >/sys/module/vfio/parameters/enable_unsafe_noiommu_mode; nicety doctor | grep '^noiommu .*unsafe mode is on'"
}
only_by_name() { # ADDRESS: without ?noiommu, and without root, it is refused
	check "$title: refused without ?noiommu" guest "! nicety info pci:$1 2>/tmp/refusal; cat /tmp/refusal; grep -q '[?]noiommu' /tmp/refusal"
	check "$title: refused without root" noiommu_for_root_only "$1"
}
noiommu_for_root_only() { # ADDRESS
	local node
	node=/dev/vfio/noiommu-$(group_of "$1")
	guest "chown user $node && ! su user -c 'nicety info pci:$1?noiommu' 2>/tmp/refusal; cat /tmp/refusal; chown 0:0 $node; grep CAP_SYS_RAWIO /tmp/refusal"
}

# ---- bindings that stay ----

has() { # ADDRESS DRIVER
	guest "settle; has_driver $1 $2"
}
replug() { # ADDRESS DRIVER: it is taken out and put in again, and this driver has it
	guest "echo 1 >/sys/bus/pci/devices/$1/remove; [ ! -e /sys/bus/pci/devices/$1 ] && sleep 1 && echo 1 >/sys/bus/pci/rescan && settle; has_driver $1 $2"
}
keep_rule() { # ADDRESS: for the next boot
	local file=/etc/udev/rules.d/10-nicety-$1.rules
	mkdir -p "$tmp/root/etc/udev/rules.d"
	guest "cat $file" >"$tmp/root$file"
	cat "$tmp/root$file"
	grep -q "$1" "$tmp/root$file"
}
boots_with_udev() { # RUN [MODULE]: that is loaded before, as it is where an initramfs has it
	# shellcheck disable=SC2046
	check "$1: the guest boots" boot 2 intel_iommu=on -machine q35 -m 1G -device intel-iommu,intremap=on $(devices)
	[ $# = 1 ] || check "$1: $2 is loaded first" guest "sudo modprobe $2"
	check "$1: udevd starts and goes through all devices" guest udev
}
stays_bound() { # DRIVER A B
	check "$title: udev gave $2 to the kernel's $1" has "$2" "$1"
	check "$title: bind --persist" guest "nicety bind $2 --persist"
	check "$title: plugged in again, vfio-pci has it" replug "$2" vfio-pci
	check "$title: and info works" guest "nicety info pci:$2"
	check "$title: the other one goes to the kernel's $1" replug "$3" "$1"
	check "$title: the rule is kept for the next boot" keep_rule "$2"
}
stayed_bound() { # DRIVER A B
	check "$title: vfio-pci has it after a boot" has "$2" vfio-pci
	check "$title: and info works" guest "nicety info pci:$2"
	check "$title: the other one has the kernel's $1" has "$3" "$1"
	check "$title: unbind" guest "nicety unbind $2 && has_driver $2 $1"
	check "$title: plugged in again, the kernel's $1 has it" replug "$2" "$1"
}
# Its udev rule asks systemd for a service, which does not run here: that it asks is checked, and
# what the service would do is done by hand.
with_driverctl() { # DRIVER A
	local unit=driverctl@pci-$2.service
	check "$title: bind --persist by driverctl" guest "nicety bind $2 --persist && grep -x vfio-pci /etc/driverctl.d/pci-$2 && has_driver $2 vfio-pci"
	check "$title: plugged in again, driverctl's rule wants its service" guest "udevadm monitor --udev --property >/tmp/events & sleep 1; echo 1 >/sys/bus/pci/devices/$2/remove; sleep 1; echo 1 >/sys/bus/pci/rescan; settle; sleep 1; kill \$!; wait \$!; grep -x 'SYSTEMD_WANTS=$unit' /tmp/events"
	check "$title: and what it does gives it to vfio-pci" guest "driverctl load-override pci/$2; has_driver $2 vfio-pci"
	check "$title: unbind by driverctl" guest "nicety unbind $2 && has_driver $2 $1 && [ ! -e /etc/driverctl.d/pci-$2 ]"
	check "$title: plugged in again, the kernel's $1 has it" replug "$2" "$1"
}
each_chip() { # RUN COMMAND: with driver and addresses
	local driver chip a b
	while read -r driver chip a b; do
		title="$1, $chip"
		"$2" "$driver" "$a" "$b"
	done <<<"$chips"
}
persist() {
	echo "-- persist"
	boots_with_udev persist
	each_chip persist stays_bound
	check "persist: power off" power_off
	check "persist: the rules go into the root" pack_guest
	boots_with_udev 'persist, second boot' "$(sed '/./!d;s/ .*//;q' <<<"$chips")"
	each_chip persist stayed_bound
	check "persist: driverctl is put in place" guest "cp /driverctl/driverctl /sbin && cp /driverctl/*.rules /usr/lib/udev/rules.d && udevadm control --reload"
	each_chip persist with_driverctl
	check "persist: power off" power_off
	rm -r "$tmp/root/etc/udev/rules.d"
	pack_guest
}

# ---- what the guest has for all this ----

libc_of() { # TREE: its version
	chroot "$1" ldd --version | sed -n '1s/.* //p'
}
guest_programs() { # of this machine and of Debian's tree: both run with the newer libc
	if [ "$(printf '%s\n' "$(libc_of /)" "$(libc_of "$tree")" | sort -V | head -n 1)" = "$(libc_of /)" ]; then
		our_programs && debian_programs
	else
		debian_programs && our_programs
	fi
}
our_programs() {
	local program
	for program in nicety tests/dma_outside tests/conformance_{basic,features,path}; do
		guest_program "$tmp/root" "$build/$program" / || return 1
	done
}
debian_programs() {
	local program library=/usr/lib/x86_64-linux-gnu/libkmod.so.2 # by dlopen
	for program in bash kmod udevadm; do
		guest_program "$tmp/root" /usr/bin/$program || return 1
	done
	guest_libraries "$tmp/root" $library && mkdir -p "$tmp/root${library%/*}" &&
		cp -L "$tree$library" "$tmp/root$library"
}
guest_files() {
	local root=$tmp/root
	mkdir -p "$root"/{sbin,etc/modules-load.d,usr/lib/udev,usr/lib/systemd,driverctl} || return 1
	ln -s kmod "$root/bin/modprobe"
	ln -s ../bin/kmod "$root/sbin/modprobe" # where the kernel looks
	ln -s /bin/udevadm "$root/usr/lib/systemd/systemd-udevd"
	cp -r "$tree/usr/lib/udev/rules.d" "$root/usr/lib/udev" &&
		cp "$tree/usr/sbin/driverctl" "$root/driverctl" || return 1
	mv "$root/usr/lib/udev/rules.d"/*driverctl* "$root/driverctl" || return 1
	printf '%s\n' 'root:x:0:0::/:/bin/sh' 'user:x:1000:1000::/tmp:/bin/sh' >"$root/etc/passwd"
	{ cat "$tree/etc/group"; echo 'user:x:1000:'; } >"$root/etc/group"
	# Only root calls it. Not busybox's shell, which takes its own modprobe, whatever PATH says.
	printf '#!/bin/bash\nexec "$@"\n' >"$root/bin/sudo"
	chmod 755 "$root/bin/sudo"
}
