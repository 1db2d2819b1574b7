#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# info, regs and list: text and JSON.
. "$(dirname "$0")/lib.sh"

expect 0 info 'model:82599?wire=loop&mac=02:aa:00:00:00:07'
prints "82599"
prints "02:aa:00:00:00:07"
prints "10000 Mb/s"
expect 0 info 'model:82599?wire=loop&id=10f7' --json
json 'j["pci_id"] == "8086:10f7" and j["driver"] == "ixgbe" and j["link_mbps"] == 10000'
json '"tcp" in j["offloads"] and j["rx_queues"] == 1'

expect 0 info 'model:82576?wire=loop'
prints "82576"
prints "1000 Mb/s"
expect 0 regs model:82576 --all --json
json 'all(r["value"] is not None for r in j["registers"])'

expect 0 regs model:82599 rxdctl
prints "RXDCTL[0] = "
prints "ENABLE"
prints "82599 8.2.3.8"
expect 0 regs model:82599 --json
json 'len(j["registers"]) > 100'
json 'all(r["value"] is None for r in j["registers"] if r["clears_on_read"])'
json 'any(r["clears_on_read"] for r in j["registers"])'
expect 0 regs model:82599 --all --json
json 'all(r["value"] is not None for r in j["registers"])'
expect 1 regs model:82599 NOSUCH
says "no register 'NOSUCH'"

# A bus of our own making: two NICs, one in use, and something else.
mk() { # ADDRESS CLASS VENDOR DEVICE
	d=sys/bus/pci/devices/$1
	mkdir -p "$d"
	echo "$2" >"$d/class"
	echo "$3" >"$d/vendor"
	echo "$4" >"$d/device"
}
mk 0000:03:00.1 0x020000 0x8086 0x10fb
mk 0000:03:00.0 0x020000 0x8086 0x10fb
mk 0000:00:1f.2 0x010601 0x8086 0x2922
mkdir -p sys/drivers/ixgbe sys/groups/17 sys/bus/pci/devices/0000:03:00.0/net/eth7
ln -s ../../../../drivers/ixgbe sys/bus/pci/devices/0000:03:00.0/driver
ln -s ../../../../groups/17 sys/bus/pci/devices/0000:03:00.0/iommu_group
echo 0x1003 >sys/bus/pci/devices/0000:03:00.0/net/eth7/flags
NICETY_SYSFS=$dir/sys
export NICETY_SYSFS
expect 0 list
prints "0000:03:00.0"
prints "eth7"
expect 0 list --json
json '[n["address"] for n in j["nics"]] == ["0000:03:00.0", "0000:03:00.1"]'
json 'j["nics"][0]["kernel_driver"] == "ixgbe" and j["nics"][0]["iommu_group"] == "17"'
json 'j["nics"][0]["interface"] == "eth7" and j["nics"][0]["in_use"]'
json 'not j["nics"][1]["in_use"] and j["nics"][1]["kernel_driver"] is None'
json 'all(n["driver"] == "ixgbe" and "82599" in n["chip"] for n in j["nics"])'
rm -r sys/bus
expect 1 list
says "cannot read"
mkdir -p sys/bus/pci/devices
expect 0 list
prints "model:82599"
expect 0 list --json
json 'j["nics"] == []'

# A full disk is not success.
if [ -e /dev/full ]; then
	"$NICETY" list >/dev/full 2>err
	[ $? -eq 1 ] && ok || bad "output to a full disk: exit code"
	says "cannot write to stdout"
fi
summary
