# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=bash
#
# For tests with a guest: Debian's kernel in QEMU, emulated throughout, with an initramfs of busybox,
# modules, and guest-init, which runs the commands that `guest` sends it. As root; what is missing,
# scripts/interop/setup.sh makes first. bash for `read -t`: a guest that hangs must not hang the test.
#
# Mounts of its own as well as netns/lib.sh's network: both vanish with the last process.
if [ "$(id -u)" != 0 ]; then
	echo "SKIPPED $(basename "$0"): needs root, to make and enter the tree that QEMU is in" >&2
	echo "0 passed, 0 failed, 1 skipped"
	exit 77
fi
here=$(dirname "$0")
if [ -z "${NICETY_MOUNTS-}" ]; then
	"$here/../../scripts/interop/setup.sh" || exit 1
	NICETY_MOUNTS=1 exec unshare -m "$0" "$@"
fi
. "$here/../netns/lib.sh"

cache=${XDG_CACHE_HOME:-$HOME/.cache}/nicety
tree=$cache/trixie
kernel=$cache/kernel/root
version=$(basename "$(echo "$kernel"/lib/modules/*)")
ANSWER_S=120 # a command of the guest takes longer only if it hangs
RUN_S=900    # one guest from boot to power off

# QEMU is in the tree and sees the test's files as /mnt.
mount --bind "$tmp" "$tree/mnt" || exit 1
trap 'unset IFS; cleanup' EXIT

module_files() { # MODULE: it and what it needs
	modprobe -d "$kernel" -S "$version" --show-depends "$1" | awk '$1 == "insmod" { print $2 }'
}
guest_modules() { # ROOT MODULE...: where the guest's modprobe looks
	local module file files to=$1/lib/modules/$version
	shift
	mkdir -p "$to"
	for module; do
		files=$(module_files "$module")
		[ -n "$files" ] || return 1
		for file in $files; do
			case $file in
			*.xz) xz -dc "$file" >"$to/$(basename "$file" .xz)" ;;
			*) cp "$file" "$to" ;;
			esac
		done
	done
	cp "$kernel/lib/modules/$version/modules".{order,builtin,builtin.modinfo} "$to" &&
		depmod -b "${to%/lib/*}" "$version"
}
guest_program() { # ROOT PROGRAM [TREE]: with its libraries, of Debian's tree or this one, to /bin
	guest_libraries "$@" && mkdir -p "$1/bin" && cp -L "${3-$tree}$2" "$1/bin"
}
guest_libraries() { # ROOT PROGRAM [TREE]: what it is linked with
	local file files from=${3-$tree}
	files=$(chroot "$from" ldd "$2" | grep -o '/[^ ]*') || return 1
	for file in $files; do
		mkdir -p "$1$(dirname "$file")" && cp -L "$from$file" "$1$file" || return 1
	done
}
make_guest() { # MODULE...: the initramfs of what is in $tmp/root, busybox, modules and init
	local root=$tmp/root
	mkdir -p "$root/bin"
	cp "$(command -v busybox)" "$root/bin/busybox"
	cp "$here/guest-init" "$root/init"
	guest_modules "$root" "$@" || return 1
	pack_guest && cp "$kernel/boot/vmlinuz-$version" "$tmp/vmlinuz"
}
pack_guest() { # again, after $tmp/root changed
	(cd "$tmp/root" && find . | cpio -o -H newc --quiet) >"$tmp/initrd"
}

qemu() { # ARGUMENT...: kill one of these processes and the next goes, too
	setpriv --pdeathsig KILL timeout $RUN_S setpriv --pdeathsig KILL \
		chroot "$tree" qemu-system-x86_64 "$@"
	local code=$?
	echo "ended " >&3
	return $code
}
vmlinuz=vmlinuz # in $tmp
boot() { # CPUS KERNEL_ARGUMENTS QEMU_ARGUMENT...: QEMU, until the guest's init says that it is ready
	local cpus=$1 arguments=$2
	shift 2
	rm -f "$tmp"/control.*
	mkfifo "$tmp/control.in" "$tmp/control.out" || return 1
	# Both ways in both processes: opening never blocks, whoever comes first.
	exec 3<>"$tmp/control.out" 4<>"$tmp/control.in"
	start qemu qemu -accel tcg,thread=multi -cpu max -m 512M -smp "$cpus" \
		-nodefaults -no-user-config -display none -no-reboot \
		-serial file:/mnt/console -serial pipe:/mnt/control \
		-kernel "/mnt/$vmlinuz" -initrd /mnt/initrd \
		-append "console=ttyS0 quiet panic=-1 no_timer_check $arguments" "$@"
	answer ready && return
	cat "$tmp/qemu.err" "$tmp/console"
	return 1
}
answer() { # PREFIX: print what the guest prints, up to a line with this prefix
	while IFS= read -r -t $ANSWER_S -u 3 line; do
		case $line in
		"$1"*) return 0 ;;
		"ended ") echo "QEMU has ended"; return 1 ;;
		esac
		[ -z "$line" ] || echo "$line"
	done
	echo "the guest does not answer"
	return 1
}
guest() { # COMMAND...: its output and exit code. Never before a pipe: whoever reads must read all
	local line
	echo "$*" >&4
	answer 'exit ' || return 1
	return "${line#exit }"
}
power_off() {
	echo 'poweroff -f' >&4
	wait "$qemu_pid"
}
