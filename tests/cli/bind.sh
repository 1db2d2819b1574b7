#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# bind and unbind as far as no kernel answers: what is refused, and why. The steps themselves are
# in tests/unit/test_rebind.c.
. "$(dirname "$0")/lib.sh"

NICETY_SYSFS=$dir/sys NICETY_PROC=$dir/proc NICETY_DEV=$dir/dev NICETY_ETC=$dir/etc
export NICETY_SYSFS NICETY_PROC NICETY_DEV NICETY_ETC
bus=sys/bus/pci
mk() { # ADDRESS DRIVER
	mkdir -p "$bus/devices/$1" "$bus/drivers/$2" "sys/kernel/iommu_groups/7/devices/$1"
	echo 0x8086 >"$bus/devices/$1/vendor"
	echo '(null)' >"$bus/devices/$1/driver_override"
	ln -s "../../drivers/$2" "$bus/devices/$1/driver"
	ln -s ../../../../kernel/iommu_groups/7 "$bus/devices/$1/iommu_group"
}
mk 0000:03:00.0 vfio-pci
mk 0000:03:00.1 ixgbe
echo DMA >sys/kernel/iommu_groups/7/type

for command in bind unbind; do
	expect 2 $command
	expect 2 $command nonsense
	says "nicety list"
	expect 1 $command 0000:09:00.0
	says "no PCI device 0000:09:00.0"
done
expect 2 bind 0000:03:00.0 ixgbe
says "want vfio-pci or uio_pci_generic"

# Bound already: nothing to do, but the group is shown, with who spoils it.
expect 0 bind 03:00.0
prints "has vfio-pci already"
prints "IOMMU group 7"
prints "0000:03:00.1 (ixgbe); bind it too"
prints "sudo chown \$USER /dev/vfio/7"
expect 0 unbind 03:00.1
prints "belongs to the kernel's ixgbe"

# What is in use is not taken away.
mkdir -p "$bus/devices/0000:03:00.1/net/lo"
expect 1 bind 0000:03:00.1
says "in use: lo has the address"
says "--force"
rm -r "$bus/devices/0000:03:00.1/net"

# Not through uio where an IOMMU translates, not through vfio where there is none.
expect 1 bind 03:00.1 uio_pci_generic
says "an IOMMU translates"
echo vfio-noiommu >sys/kernel/iommu_groups/7/name # made up, there is none
expect 1 bind 03:00.1
says "intel_iommu=on"
rm sys/kernel/iommu_groups/7/name "$bus/devices/0000:03:00.1/iommu_group"
expect 1 bind 03:00.1
says "intel_iommu=on"

summary
