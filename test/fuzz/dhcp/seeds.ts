import type { Random } from '../random.ts'
import { build, type Parts } from './build.ts'

/** Makes one hostile packet; most leave the choice among several to `random`. */
export type Seed = { readonly name: string; make(random: Random): Uint8Array }

const PXE = new TextEncoder().encode('PXEClient:Arch:00007:UNDI:003000')
const DISCOVER = [53, [1]] as const
const REQUEST = [53, [3]] as const
const text = (value: string) => new TextEncoder().encode(value)
const many = (count: number, value = 65) => new Uint8Array(count).fill(value)

function seed(name: string, parts: (random: Random) => Parts): Seed {
  return { name, make: random => build(parts(random)) }
}

const asking = (...options: NonNullable<Parts['options']>): Parts => ({
  options: [DISCOVER, [60, PXE], [93, [0, 7]], ...options],
})

/** Addresses no reply may ever go to, and a few that are merely odd. */
const NO_HOSTS = [
  [255, 255, 255, 255],
  [0, 0, 0, 1],
  [224, 0, 0, 1],
  [239, 255, 255, 250],
  [10, 96, 0, 1],
  [127, 0, 0, 1],
  [240, 0, 0, 1],
  [10, 96, 255, 255],
  [10, 96, 0, 0],
] as const

/** The DHCP rows of the list of hostile input (F03 to F27); F01 and F02 are what mutating does anyway. */
export const SEEDS: readonly Seed[] = [
  seed('F03', random => asking([61, random.bytes(random.pick([0, 1, 255]))], [61, random.bytes(7)])),
  seed('F04', random => ({
    ...asking([52, [3]]),
    sname: random.chance(50) ? many(64, 52) : Uint8Array.of(52, 1, 3, 12, 60),
    file: many(128, random.pick([1, 52, 12])),
  })),
  seed('F05', random => asking([52, random.pick([[0], [4], [255], [], [1, 2]])])),
  seed('F06', random => asking([55, many(255, random.pick([1, 43, 67, 255]))])),
  seed('F07', random => ({
    ...asking(),
    tail: many(312, random.pick([0, 255])).map((v, at) => (random.chance(2) ? at : v)),
  })),
  seed('F08', random =>
    asking(
      ...Array.from(
        { length: 5 },
        () => [82, random.pick([random.bytes(255), [1, 200, 1], [1, 0]])] as const,
      ),
    ),
  ),
  seed('F09', random => ({
    ...asking([82, random.bytes(255)], [82, random.bytes(255)], [82, random.bytes(255)], [57, [2, 64]]),
    giaddr: [10, 96, 0, 2],
  })),
  seed('F10', random =>
    asking([
      81,
      random.pick([[], [0], [4, 0], [4, 0, 0], [4, 0, 0, 70, 65], [4, 0, 0, 192, 0], [4, 0, 0, 3, 65]]),
    ]),
  ),
  seed('F11', random =>
    asking([
      12,
      random.pick([text('a\0b'), text('$(reboot)'), text('a\nb'), many(255), text('\u0007\u001b[2J')]),
    ]),
  ),
  seed('F12', random => asking([77, random.pick([[200, 1], [0], many(255, 254), [4, 105, 80]])])),
  seed('F13', random =>
    asking([93, random.bytes(random.pick([0, 1, 255]))], [97, random.bytes(random.pick([0, 16, 18]))]),
  ),
  seed('F14', random =>
    asking([
      43,
      random.pick([
        [71, 2, 0, 0],
        [6, 250],
        [71, 4, 128],
        [255, 255],
        [8, 255, 1],
      ]),
    ]),
  ),
  seed('F15', random => ({
    ...asking(),
    hlen: random.pick([0, 16, 255]),
    chaddr: random.pick([many(16, 255), many(16, 1), many(16, 0)]),
  })),
  seed('F16', random => ({ ...asking(), giaddr: random.pick(NO_HOSTS) })),
  seed('F17', random => ({
    options: [
      [53, [random.pick([3, 8])]],
      [60, PXE],
    ],
    ciaddr: random.pick(NO_HOSTS),
  })),
  seed('F18', random => ({
    options: [random.pick([DISCOVER, REQUEST]), [50, [192, 0, 2, 9]]],
    giaddr: [192, 0, 2, random.below(256)],
  })),
  seed('F19', random => asking([57, random.pick([[0, 0], [0, 1], [2, 63], [255, 255], [1]])])),
  seed('F20', random =>
    asking(
      [51, random.pick([many(4, 0), [0, 0, 0, 1], many(4, 255)])],
      [50, random.pick([many(4, 0), many(4, 255)])],
    ),
  ),
  seed('F21', random => ({
    options: [
      [53, [random.pick([4, 7])]],
      [54, [10, 96, 0, 1]],
      [50, victim(random)],
    ],
    ciaddr: victim(random),
    chaddr: random.bytes(6),
  })),
  seed('F22', random => ({
    ...asking(),
    chaddr: Uint8Array.of(2, ...random.bytes(5)),
    giaddr: [10, 96, 0, 2],
  })),
  seed('F23', random => ({ options: [[53, [random.pick([10, 11, 12, 13])]]], giaddr: [10, 96, 0, 2] })),
  seed('F24', random => ({
    options: [
      REQUEST,
      [61, random.bytes(40)],
      [12, random.bytes(30)],
      [60, random.bytes(20)],
      [82, random.bytes(20)],
    ],
    giaddr: [10, 96, 0, 2],
    chaddr: random.bytes(6),
  })),
  seed('F25', random => ({ ...asking(), tail: random.bytes(1472) })),
  seed('F26', () => ({ ...asking([54, [10, 96, 0, 1]]), op: 2, yiaddr: [10, 96, 20, 20] })),
  seed('F27', random => ({
    op: 2,
    options: [
      [53, [random.pick([2, 5, 6])]],
      [54, [10, 96, 0, 1]],
    ],
    giaddr: [10, 96, 0, 2],
  })),
]

/** Some address of the pool: perhaps a running machine's. */
function victim(random: Random): readonly number[] {
  return [10, 96, 16 + random.below(16), random.below(256)]
}
