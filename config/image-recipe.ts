import * as z from 'zod'
import { Bytes } from './values/bytes.ts'

const PackageName = z
  .string()
  .regex(/^[a-z0-9][a-z0-9.+-]+$/, 'a Debian package name: lower case letters, digits, + - .')

const AbsolutePath = z
  .string()
  .regex(/^\/(?!.*(?:^|\/)\.\.(?:\/|$))[^\0\s]*$/, 'an absolute path without ".." and blanks')

const UnitName = z
  .string()
  .regex(/^[\w@.:-]+\.(?:service|socket|timer|target|mount|automount|path)$/, 'a systemd unit, e.g. x.timer')

const KernelArg = z.string().regex(/^[^\s"]+$/, 'one kernel argument has no blanks and no quotes')

const ExtraFile = z.strictObject({
  path: AbsolutePath.describe('Where it lies on the node'),
  text: z.string().describe('What is in it'),
  executable: z.boolean().default(false).describe('Mode 0755 instead of 0644'),
})

const Initrd = z.strictObject({
  excludeNicFolders: z
    .array(z.string().regex(/^[\w-]+$/))
    .default([])
    .describe(
      'Folders of drivers/net/ethernet whose drivers stay out of the initrd; they still are in the image',
    ),
})

const Squashfs = z.strictObject({
  zstdLevel: z
    .number()
    .int()
    .min(1)
    .max(22)
    .default(6)
    .describe('Higher is smaller and slower to build: 15 takes 17 times as long as 6 for 6 % less'),
  blockSizeKib: z
    .union([z.literal(64), z.literal(128), z.literal(256), z.literal(512), z.literal(1024)])
    .default(64)
    .describe(
      'Bigger compresses better, but a read of one page unpacks a whole block: 128 is 2 % smaller, and a cold start takes 1.6 times as long',
    ),
})

const Demo = z.strictObject({
  source: z.string().min(1).describe('Java source file, relative to the project; one class, no package'),
  jar: AbsolutePath.describe('Where the jar lies on the node'),
})

/**
 * What goes into an image. The recipe names Debian's packages, never a mirror: mmdebstrap takes the host's
 * own, or Debian's. `godwit image build` reads it from YAML.
 */
export const ImageRecipe = z.strictObject({
  name: z
    .string()
    .regex(/^[a-z0-9][a-z0-9-]{0,40}$/, 'lower case letters, digits and dashes')
    .describe('Name for people; the image itself is named by its digest'),
  suite: z
    .string()
    .regex(/^[a-z]+$/)
    .default('trixie')
    .describe('Debian release'),
  components: z
    .array(z.enum(['main', 'contrib', 'non-free', 'non-free-firmware']))
    .nonempty()
    .default(['main'])
    .describe('Debian archive areas; firmware packages need non-free-firmware'),
  packages: z.array(PackageName).nonempty().describe('Packages to install, without their recommendations'),
  excludePaths: z
    .array(AbsolutePath)
    .default([])
    .describe('Shell patterns of files that packages may not bring (dpkg path-exclude)'),
  includePaths: z.array(AbsolutePath).default([]).describe('Exceptions to excludePaths'),
  removePaths: z
    .array(AbsolutePath)
    .default([])
    .describe('Shell patterns of files removed after installation: what packages made or needed only then'),
  kernelArgs: z.array(KernelArg).default([]).describe('Kernel arguments of every node with this image'),
  maskUnits: z.array(UnitName).default([]).describe('systemd units that never start'),
  shims: z
    .array(z.string().regex(/^[\w+-][\w.+-]*$/, 'the name of a program, without a folder'))
    .default([])
    .describe('Commands that may run on another node when they are called by their plain name'),
  files: z.array(ExtraFile).default([]).describe('Small text files to add'),
  demo: Demo.optional().describe('A Java program compiled into the image'),
  initrd: Initrd.prefault({}),
  squashfs: Squashfs.prefault({}),
  systemMemory: Bytes.prefault('256M').describe(
    'RAM for kernel, system, agent and a first small program, beside the image itself',
  ),
})
export type ImageRecipe = z.output<typeof ImageRecipe>
