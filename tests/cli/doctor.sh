#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# doctor on a made-up machine in which all is well: nothing is found. Then one thing is broken at a
# time, and exactly that is found, with the command that mends it.
. "$(dirname "$0")/lib.sh"

NICETY_SYSFS=$dir/m/sys NICETY_PROC=$dir/m/proc NICETY_DEV=$dir/m/dev
export NICETY_SYSFS NICETY_PROC NICETY_DEV
put() { # FILE TEXT
	mkdir -p "m/${1%/*}"
	echo "$2" >"m/$1"
}
A=0000:03:00.0
d=sys/bus/pci/devices/$A
cpu=sys/devices/system/cpu
healthy() {
	rm -rf m
	put sys/kernel/mm/hugepages/hugepages-2048kB/nr_hugepages 256
	put sys/kernel/mm/hugepages/hugepages-2048kB/free_hugepages 200
	put proc/self/limits 'Max locked memory         unlimited            unlimited            bytes'
	put proc/self/status 'Uid:	1000	1000	1000	1000
Groups:	1000
CapEff:	0000000000000000'
	put proc/cmdline 'quiet intel_iommu=on isolcpus=3 nohz_full=3 mitigations=off'
	put proc/cpuinfo 'vendor_id : GenuineIntel'
	put proc/swaps 'Filename Type Size Used Priority'
	put proc/irq/24/effective_affinity_list 0
	put proc/1/comm init
	put proc/sys/kernel/nmi_watchdog 0
	put sys/kernel/security/lockdown '[none] integrity confidentiality'
	put sys/module/vfio_iommu_type1/x x
	put sys/bus/pci/drivers/vfio-pci/x x
	put $d/vendor 0x8086
	put $d/device 0x10fb
	put $d/numa_node 0
	put $d/current_link_width 8
	put $d/max_link_width 8
	put $d/current_link_speed '5.0 GT/s PCIe'
	put $d/max_link_speed '5.0 GT/s PCIe'
	put sys/kernel/iommu_groups/7/type DMA
	mkdir -p m/sys/kernel/iommu_groups/7/devices/$A
	ln -s x/iommu_groups/7 m/$d/iommu_group
	driver vfio-pci
	put dev/vfio/7 x
	chmod 666 m/dev/vfio/7
	put $cpu/online 0-3
	put $cpu/isolated 3
	put $cpu/nohz_full 3
	put $cpu/cpu3/cpuidle/state1/latency 2
	put $cpu/cpu3/cpuidle/state1/name C1
	put $cpu/cpu3/cpufreq/scaling_governor performance
	put $cpu/cpu3/topology/thread_siblings_list 3
	put $cpu/cpu0/x x
	put sys/devices/system/node/node0/cpulist 0-3
	put sys/devices/system/node/node0/hugepages/hugepages-2048kB/free_hugepages 200
	put sys/kernel/mm/transparent_hugepage/enabled 'always [madvise] never'
	put sys/devices/system/clocksource/clocksource0/current_clocksource tsc
}
driver() { # NAME: of the kernel, that has the device
	rm -f m/$d/driver
	ln -s "x/drivers/$1" m/$d/driver
}

# finds CHECK CAUSE FIX [OPTION...]: nothing else is wrong.
finds() {
	check=$1 cause=$2 fix=$3
	shift 3
	expect 1 doctor "$@"
	prints "1 finding"
	prints "$cause"
	prints "fix: $fix"
	expect 1 doctor "$@" --json
	json "[f['check'] for f in j['findings']] == ['$check'] and '$check' not in j['ok']"
	healthy
}

healthy
expect 0 doctor
prints "nothing is wrong"
prints "in order: hugepages memlock iommu modules noiommu lockdown"
prints "nicety doctor $A looks closer"
expect 0 doctor $A
prints "device driver group rights addresses slot"
expect 0 doctor 03:00.0 --json
json "j['findings'] == [] and j['address'] == '$A' and len(j['ok']) >= 12"
expect 0 doctor --latency
prints "on core 3"
prints "in order: cstates governor isolated ticks rcu interrupts irqbalance numa hugepages siblings swap thp watchdog clocksource mitigations"
expect 0 doctor --latency $A --json
json "j['findings'] == [] and j['core'] == 3"
expect 2 doctor nonsense
expect 2 doctor --latency --core 9
says "no such core"

# The machine
h=sys/kernel/mm/hugepages/hugepages-2048kB
put $h/nr_hugepages 0
put $h/free_hugepages 0
finds hugepages "none are reserved" "echo 256 | sudo tee"
put $h/free_hugepages 0
finds hugepages "all 256 are in use" "echo 256 | sudo tee"
put proc/self/limits 'Max locked memory         8388608              8388608              bytes'
finds memlock "lock only 8192 KiB" 'echo "$USER - memlock unlimited"'
put proc/self/limits 'Max locked memory         8388608              8388608              bytes'
put proc/self/status 'CapEff:	0000000000004000'
expect 0 doctor
healthy
rm -r m/sys/kernel/iommu_groups/7
finds iommu "though the kernel would use it" "turn VT-d on in the firmware"
put sys/kernel/iommu_groups/7/name vfio-noiommu
finds iommu "though the kernel would use it" "turn VT-d on in the firmware"
rm -r m/sys/kernel/iommu_groups/7
put proc/cpuinfo 'vendor_id : AuthenticAMD'
finds iommu "though the kernel would use it" "turn IOMMU (AMD-Vi) on in the firmware"
rm -r m/sys/kernel/iommu_groups/7
put proc/cmdline 'quiet mitigations=off'
finds iommu "was not told to use one" "turn VT-d on in the firmware, add intel_iommu=on iommu=pt"
rm -r m/sys/kernel/iommu_groups/7
put proc/cmdline 'quiet intel_iommu=off'
finds iommu "turns it off" "take the word out"
rm -r m/sys/bus/pci/drivers/vfio-pci
finds modules "vfio-pci is not loaded" "sudo modprobe vfio-pci; echo vfio-pci | sudo tee"
rm -r m/sys/module/vfio_iommu_type1
finds modules "vfio_iommu_type1 is not loaded" "sudo modprobe vfio_iommu_type1"
put sys/module/vfio/parameters/enable_unsafe_noiommu_mode Y
expect 0 doctor
prints "note: VFIO's unsafe mode is on"
healthy
put sys/kernel/security/lockdown 'none [integrity] confidentiality'
expect 0 doctor --json
json "'lockdown' in [n['check'] for n in j['notes']]"
healthy
driver ixgbe
expect 0 doctor
prints "$A has ixgbe"
prints "sudo nicety bind $A"
mkdir -p m/$d/net/lo
expect 0 doctor
prints "it is in use: lo has the address"
healthy

# The device
rm -r m/$d
finds device "there is no $A" "nicety list" $A
put $d/device 0xffff
finds device "no driver for the PCI id 8086:ffff" "choose another" $A
driver ixgbe
finds driver "the kernel's ixgbe has the device" "sudo nicety bind $A" $A
driver ixgbe
mkdir -p m/$d/net/lo
finds driver "and it is in use" "lo has the address" $A
rm m/$d/driver
put sys/kernel/iommu_groups/7/type identity
finds driver "no kernel driver has the device" "sudo nicety bind $A" $A
driver uio_pci_generic
finds addresses "an IOMMU translates" "sudo nicety bind $A vfio-pci" $A
rm m/$d/iommu_group
finds group "behind no IOMMU" "nicety doctor says" $A
mkdir -p m/sys/kernel/iommu_groups/7/devices/0000:03:00.1 m/sys/bus/pci/devices/0000:03:00.1
ln -s x/drivers/ixgbe m/sys/bus/pci/devices/0000:03:00.1/driver
finds group "0000:03:00.1 is in the same IOMMU group 7" "sudo nicety bind 0000:03:00.1" $A
chmod 600 m/dev/vfio/7
put proc/self/status 'Uid:	4711	4711	4711	4711
CapEff:	0000000000000000'
finds rights "may not open /dev/vfio/7" 'sudo chown $USER /dev/vfio/7' $A
put $d/current_link_width 4
finds slot "4 of 8 lanes" "use a slot with more lanes" $A
put $d/current_link_speed '2.5 GT/s PCIe'
finds slot "runs at 2.5 GT/s PCIe of 5.0" "use a faster slot" $A

# Latency
put $cpu/cpu3/cpuidle/state2/latency 133
put $cpu/cpu3/cpuidle/state2/name C6
finds cstates "may sleep in C6, which takes 133 us" "sudo cpupower idle-set -D 10" --latency
put $cpu/cpu3/cpuidle/state2/latency 133
put $cpu/cpu3/cpuidle/state2/disable 1
expect 0 doctor --latency
healthy
put $cpu/cpu3/cpufreq/scaling_governor powersave
finds governor "governor powersave" "sudo cpupower frequency-set -g performance" --latency
put $cpu/isolated ''
finds isolated "other work on core 3" "add isolcpus=3 nohz_full=3 rcu_nocbs=3" --latency --core 3
put $cpu/nohz_full 1-2
put proc/cmdline 'rcu_nocbs=2-3 mitigations=off'
finds ticks "a timer interrupts core 3" "add nohz_full=3" --latency
put $cpu/nohz_full 1-2
expect 1 doctor --latency --json
json "[f['check'] for f in j['findings']] == ['ticks', 'rcu']"
healthy
put proc/irq/25/effective_affinity_list 2-3
finds interrupts "1 interrupts are delivered to core 3" "for i in /proc/irq" --latency
put proc/99/comm irqbalance
finds irqbalance "moves interrupts to any core" "sudo systemctl disable --now irqbalance" --latency
put $d/numa_node 1
finds numa "core 3 is on NUMA node 0, $A on node 1" "--core with a core of" --latency $A
put sys/devices/system/node/node0/hugepages/hugepages-2048kB/free_hugepages 0
finds hugepages "none are free on the core's NUMA node 0" "echo 256 | sudo tee" --latency
put $cpu/cpu3/topology/thread_siblings_list 1,3
finds siblings "hyper-thread 1" "echo 0 | sudo tee /sys/devices/system/cpu/cpu1/online" --latency
put proc/swaps 'Filename
/dev/sda2'
finds swap "may be swapped out" "sudo swapoff -a" --latency
put sys/kernel/mm/transparent_hugepage/enabled '[always] madvise never'
finds thp "rearranges memory" "echo madvise" --latency
put proc/sys/kernel/nmi_watchdog 1
finds watchdog "NMI watchdog" "sudo sysctl kernel.nmi_watchdog=0" --latency
put sys/devices/system/clocksource/clocksource0/current_clocksource hpet
finds clocksource "clocksource hpet" "tsc=reliable" --latency
put proc/cmdline quiet
expect 0 doctor --latency
prints "note: mitigations"
summary
