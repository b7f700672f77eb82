import type { ImageRecipe } from '../config/image-recipe.ts'

/** How mmdebstrap gets to act as root: `root` when we are, `unshare` with a user namespace, `auto` asks it. */
export type BuildMode = 'auto' | 'root' | 'unshare'

/** Folder in the tree where initramfs-tools finds our configuration while the packages stage is made. */
const CONFIG_DIR = '/tmp/initramfs'

/**
 * The mmdebstrap command that makes the packages stage, a tar of the whole tree with `/boot/vmlinuz-*`,
 * `/boot/initrd.img` (without our boot script) and `/boot/packages`. No mirror is named: mmdebstrap takes
 * Debian's own and the host's signature keys.
 */
export function baseCommand(
  recipe: ImageRecipe,
  where: { readonly mode: BuildMode; readonly initramfsDir: string; readonly tarPath: string },
): readonly string[] {
  return [
    'mmdebstrap',
    `--mode=${where.mode}`,
    '--variant=minbase',
    '--format=tar',
    `--components=${recipe.components.join(',')}`,
    '--aptopt=Acquire::Languages "none"',
    ...recipe.excludePaths.map(path => `--dpkgopt=path-exclude=${path}`),
    ...recipe.includePaths.map(path => `--dpkgopt=path-include=${path}`),
    `--include=${recipe.packages.join(',')}`,
    // The JDK's postinst links a manual page and fails where its folder was excluded.
    '--setup-hook=mkdir -p "$1/usr/share/man/man1"',
    `--customize-hook=mkdir -p "$1${CONFIG_DIR}/scripts" "$1${CONFIG_DIR}/conf.d"`,
    `--customize-hook=copy-in "${where.initramfsDir}/initramfs.conf" "${where.initramfsDir}/hooks" ${CONFIG_DIR}`,
    `--customize-hook=${makeInitrd(recipe)}`,
    `--customize-hook=chroot "$1" dpkg-query -W -f '\${Package} \${Version}\\n' >"$1/boot/packages"`,
    recipe.suite,
    where.tarPath,
  ]
}

function makeInitrd(recipe: ImageRecipe): string {
  const exclude = recipe.initrd.excludeNicFolders.join(' ')
  return [
    `: >"$1${CONFIG_DIR}/modules"`,
    `chroot "$1" env GODWIT_NIC_EXCLUDE="${exclude}" mkinitramfs -d ${CONFIG_DIR} -o /boot/initrd.img "$(ls "$1/usr/lib/modules")"`,
    `rm -rf "$1${CONFIG_DIR}"`,
  ].join(' && ')
}
