import { announcedBytesIn, givenBy, type ProgramCommand } from './program-options.ts'

const MIB = 2 ** 20

/** What is usual of a kind of program. Figures that are left out are those of a program nothing is known of. */
export type Usual = {
  readonly threads?: number
  readonly memoryBytes?: number
  /** Figures that a flag or variable announces, and which. */
  readonly announcedThreads?: { readonly value: number; readonly from: string }
  readonly announcedBytes?: { readonly value: number; readonly from: string }
}

/** One kind of program, by the base names of its executables. */
export type ProgramKind = {
  readonly name: string
  readonly pattern: RegExp
  readonly usual: (command: ProgramCommand) => Usual
}

/** Programs that take all the processors they find: enough to be sent to a wide node, no wider than most PCs are. */
const ALL_PROCESSORS = 8
/** One compiler at work on a source file of ordinary size; C++ with templates takes more, and is learned. */
const COMPILER_BYTES = 192 * MIB
/** A build starts no more compilers than this at once for the reservation: beyond, they wait for each other. */
const MAX_COMPILERS = 32
/** V8 beside its old generation: young generation, code, buffers. */
const NODE_BASE_BYTES = 96 * MIB

function parallel(threads: number, from: string): Usual {
  const compilers = Math.min(MAX_COMPILERS, threads)
  return { announcedThreads: { value: threads, from }, memoryBytes: compilers * COMPILER_BYTES }
}

/** `-j8`, `-j 8`, `--jobs=8`; `-j` alone means no bound. */
function jobs(command: ProgramCommand, byDefault: number, variable: string): Usual {
  const given = givenBy(command, ['-j', '--jobs'], variable)
  if (given === undefined) return { threads: byDefault, memoryBytes: byDefault * COMPILER_BYTES }
  const count = Number(given.value)
  if (given.value === '' || !Number.isInteger(count) || count < 1)
    return { threads: ALL_PROCESSORS, memoryBytes: ALL_PROCESSORS * COMPILER_BYTES }
  return parallel(Math.min(count, 4096), given.from)
}

function nodeHeap(command: ProgramCommand): Usual {
  const given = givenBy(command, ['--max-old-space-size', '--max_old_space_size'], 'NODE_OPTIONS')
  const mebibytes = Number(given?.value)
  // V8 counts in MiB. JavaScript runs on one thread; collection and I/O on a few beside it.
  if (given === undefined || !(mebibytes >= 1 && mebibytes <= 2 ** 24)) return { threads: 1.5 }
  const value = Math.round(mebibytes) * MIB + NODE_BASE_BYTES
  return { threads: 1.5, announcedBytes: { value, from: given.from } }
}

/** Erlang starts a scheduler per processor, unless told how many: `+S 4`, `+S 4:4`. */
function schedulers({ words }: ProgramCommand): Usual {
  const at = words.indexOf('+S')
  const count = Number((words[at + 1] ?? '').split(':')[0])
  if (at < 0 || !Number.isInteger(count) || count < 1) return { threads: 2 }
  return { announcedThreads: { value: Math.min(count, 4096), from: `+S ${words[at + 1]}` } }
}

const always = (usual: Usual) => () => usual

/** Kinds of programs, and why they are counted as they are. The first that fits goes. */
export const PROGRAM_KINDS: readonly ProgramKind[] = [
  // One job unless told otherwise (make manual, "Parallel").
  { name: 'make', pattern: /^g?make$/, usual: command => jobs(command, 1, 'MAKEFLAGS') },
  // As many jobs as processors, and two (ninja manual).
  { name: 'ninja', pattern: /^(?:ninja|samu)$/, usual: command => jobs(command, ALL_PROCESSORS, '') },
  // As many jobs as processors (cargo book, build.jobs).
  { name: 'cargo', pattern: /^cargo$/, usual: command => jobs(command, ALL_PROCESSORS, 'CARGO_BUILD_JOBS') },
  // `go build` compiles as many packages at once as there are processors (go help build, -p).
  { name: 'go', pattern: /^go$/, usual: always({ threads: 4, memoryBytes: 4 * COMPILER_BYTES }) },
  {
    name: 'a compiler',
    pattern: /^(?:(?:.*-)?(?:gcc|g\+\+|cc|c\+\+|clang|clang\+\+)(?:-\d+)?|cc1(?:plus)?|rustc|ld)$/,
    usual: always({ threads: 1, memoryBytes: COMPILER_BYTES }),
  },
  { name: 'Node.js', pattern: /^(?:node|nodejs|npm|npx|yarn|pnpm|tsx)$/, usual: nodeHeap },
  // The interpreter lock lets one thread of Python, Ruby or Perl compute at a time; libraries may do more: learned.
  {
    name: 'an interpreter',
    pattern: /^(?:python[\d.]*|ruby[\d.]*|perl|php[\d.]*|lua[\d.]*)$/,
    usual: always({ threads: 1 }),
  },
  // The collector and the just-in-time compiler run beside the program.
  { name: '.NET', pattern: /^(?:dotnet|mono)$/, usual: always({ threads: 2 }) },
  { name: 'Erlang', pattern: /^(?:erl|beam\.smp|elixir|iex|mix)$/, usual: schedulers },
  // Renderers, encoders and packers that start a thread for every processor.
  {
    name: 'a program for all processors',
    pattern: /^(?:povray|blender|ffmpeg|x26[45]|pigz|pbzip2|zstdmt|stress-ng|hashcat|john)$/,
    usual: always({ threads: ALL_PROCESSORS }),
  },
]

/** What any program may be told by its environment: OpenMP's and Go's own variables. */
export function announcedByEnvironment(command: ProgramCommand): Usual {
  const threads = givenBy(command, [], 'OMP_NUM_THREADS') ?? givenBy(command, [], 'GOMAXPROCS')
  const count = Number(threads?.value)
  const bytes = announcedBytesIn(command, 'GOMEMLIMIT')
  return {
    ...(threads !== undefined && Number.isInteger(count) && count >= 1 && count <= 4096
      ? { announcedThreads: { value: count, from: threads.from } }
      : {}),
    ...(bytes === undefined ? {} : { announcedBytes: bytes }),
  }
}
