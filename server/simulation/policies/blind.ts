import type { CreatePolicy } from '../policy.ts'
import { createRandom, index } from '../random.ts'
import { NO_PLEDGE } from './books.ts'

/** Any host, with equal chance. */
export const random: CreatePolicy = ({ machines }, seed) => {
  const draw = createRandom(seed)
  return { choose: () => ({ host: index(draw, machines.length), pledge: NO_PLEDGE }) }
}

/** Each host in its turn. */
export const roundRobin: CreatePolicy = ({ machines }) => {
  let turn = 0
  return { choose: () => ({ host: turn++ % machines.length, pledge: NO_PLEDGE }) }
}
