#!/bin/sh
# Turns the packages (BASE.tar) and our own files (OVERLAY) into root.squashfs, vmlinuz and initrd.img in OUT.
# Runs as root in a mount and pid namespace of its own, or as root of a user namespace: what it mounts is gone
# with it. Usage: assemble.sh BASE.tar OVERLAY INITRAMFS OUT, and in the environment
#   GODWIT_REMOVE      shell patterns (one a line) of paths to remove from the tree
#   GODWIT_DEMO_JAR    where the demo's jar goes; empty: no demo   GODWIT_DEMO_CLASS  its main class
#   GODWIT_DEVICES     make: unpack device files; bind: borrow this machine's, for nobody makes any in a user namespace
#   GODWIT_SQUASHFS    options for mksquashfs                      SOURCE_DATE_EPOCH  time stamp of everything
set -eu
base=$1 overlay=$2 initramfs=$3 out=$4
tree=$out/tree
umask 022

step() { echo "== $1"; }

# Inside the tree, so that a link of the image leads into the image and nothing of this machine can be hit; one
# pattern is one glob, never split into words.
remove_paths() {
	printf '%s\n' "$GODWIT_REMOVE" | while IFS= read -r pattern; do
		[ -z "$pattern" ] || chroot "$1" sh -c 'IFS=; rm -rf -- $1' sh "$pattern" </dev/null
	done
}

step 'unpacking packages'
mkdir -p "$tree"
if [ "$GODWIT_DEVICES" = make ]; then
	borrowed=''
	tar -C "$tree" --numeric-owner -xf "$base"
else
	borrowed='null urandom' # a node's own are the kernel's, its devtmpfs
	tar -C "$tree" --numeric-owner --exclude='./dev/*' -xf "$base"
fi
for device in $borrowed; do
	: >"$tree/dev/$device"
	mount --bind "/dev/$device" "$tree/dev/$device"
done
mount -t proc proc "$tree/proc"

step 'adding files'
# Through tar, so that everything belongs to root whoever checked the project out.
tar -C "$overlay" --owner=0 --group=0 --numeric-owner --no-same-permissions -cf - . |
	tar -C "$tree" --no-overwrite-dir --numeric-owner -xf -

# A name without a program would make `command -v` lie.
for shim in "$tree"/usr/lib/godwit/shims/*; do
	[ -L "$shim" ] || continue
	chroot "$tree" sh -c 'command -v "$1"' sh "${shim##*/}" >/dev/null || rm "$shim"
done

if [ -n "$GODWIT_DEMO_JAR" ]; then
	step 'compiling the demo'
	mkdir -p "$tree/tmp/demo"
	chroot "$tree" mkdir -p "${GODWIT_DEMO_JAR%/*}/"
	cp "$out/demo.java" "$tree/tmp/demo/$GODWIT_DEMO_CLASS.java"
	chroot "$tree" java -m jdk.compiler/com.sun.tools.javac.Main -d /tmp/demo/classes "/tmp/demo/$GODWIT_DEMO_CLASS.java"
	chroot "$tree" java -m jdk.jartool/sun.tools.jar.Main --create --date "$(date -u -d "@$SOURCE_DATE_EPOCH" +%Y-%m-%dT%H:%M:%SZ)" \
		--file "$GODWIT_DEMO_JAR" --main-class "$GODWIT_DEMO_CLASS" -C /tmp/demo/classes .
	rm -rf "$tree/tmp/demo"
fi

step 'adding the boot script to the initrd'
# A second archive behind the first: the kernel unpacks both into the same root (initramfs buffer format).
mkdir -p "$out/initrd"
cp -R "$initramfs/scripts" "$out/initrd/scripts"
find "$out/initrd" -exec touch -h -d "@$SOURCE_DATE_EPOCH" {} +
cp -R "$out/initrd" "$tree/tmp/initrd"
chroot "$tree" sh -c 'cd /tmp/initrd && find . | sort | cpio --quiet --reproducible -R 0:0 -o -H newc' >"$out/scripts.cpio"
rm -rf "$tree/tmp/initrd"
cp "$tree/boot/initrd.img" "$out/initrd.img"
truncate -s %4 "$out/initrd.img" # the kernel sees an archive behind another only at a multiple of four
cat "$out/scripts.cpio" >>"$out/initrd.img"
cp "$tree"/boot/vmlinuz-* "$out/vmlinuz"
ls "$tree/usr/lib/modules" >"$out/kernel-version"
cp "$tree/boot/packages" "$out/packages"

step 'removing what a node does not need'
umount "$tree/proc"
for device in $borrowed; do
	umount "$tree/dev/$device"
	rm "$tree/dev/$device"
done
remove_paths "$tree"
rm -rf "$tree"/boot/* "$tree"/tmp/* "$tree"/root/.[!.]* "$tree"/etc/ssh/ssh_host_*
: >"$tree/etc/machine-id"

step 'packing the root image'
# shellcheck disable=SC2086
env -u SOURCE_DATE_EPOCH mksquashfs "$tree" "$out/root.squashfs" -noappend -no-progress -quiet -mkfs-time "$SOURCE_DATE_EPOCH" \
	-all-time "$SOURCE_DATE_EPOCH" $GODWIT_SQUASHFS
chmod 0644 "$out/root.squashfs" "$out/vmlinuz" "$out/initrd.img"
rm -rf "$tree" "$out/initrd" "$out/scripts.cpio"
