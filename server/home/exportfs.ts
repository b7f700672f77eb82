import { type Cidr, networkOf } from '../../config/values/cidr.ts'

/**
 * What `exportfs -o OPTIONS CLIENT` says to the kernel's server, after exports(5): as ganesha's configuration does,
 * root of a node is nobody here, and nothing is told as stored before it is (`sync`).
 */
export const EXPORT_OPTIONS = 'rw,sync,root_squash,no_subtree_check,sec=sys'

/** The exports of `folder` to `networks`, as exportfs(8) takes and forgets them: `10.77.0.0/24:/home`. */
export function kernelExports(folder: string, networks: readonly Cidr[]): readonly string[] {
  return networks.map(cidr => `${networkOf(cidr)}/${cidr.prefixLength}:${folder}`)
}
