import { describe, expect, it } from 'vitest'
import { unwrap } from '../../../../server/placement/demand/unwrap.ts'

const read = (command: string, env: Record<string, string> = { A: '1', B: '2' }) => {
  const seen = unwrap(command.split(' '), env)
  return [seen.command.join(' '), seen.env]
}

describe('a command within others', () => {
  it.each([
    ['java -jar a.jar', 'java -jar a.jar'],
    ['nice java Main', 'java Main'],
    ['nice -n 5 java Main', 'java Main'],
    ['nice -5 java Main', 'java Main'],
    ['/usr/bin/nice --adjustment=5 -- java Main', 'java Main'],
    ['timeout -k 5 10m java Main', 'java Main'],
    ['time -f %e -o out java Main', 'java Main'],
    ['taskset -c 0,1 make -j2', 'make -j2'],
    ['nohup setsid stdbuf -oL ionice -c 3 nice make', 'make'],
    ['chrt -b 0 make', 'make'],
  ])('%j is %j', (command, inner) => {
    expect(read(command)).toEqual([inner, { A: '1', B: '2' }])
  })

  it.each<[string, string, Record<string, string>]>([
    ['env java Main', 'java Main', { A: '1', B: '2' }],
    ['env A=x=y C= java Main', 'java Main', { A: 'x=y', B: '2', C: '' }],
    ['env -u A java Main', 'java Main', { B: '2' }],
    ['env -i C=3 nice env D=4 java Main', 'java Main', { C: '3', D: '4' }],
    ['env - java Main', 'java Main', {}],
  ])('%j is %j with %j', (command, inner, env) => {
    expect(read(command)).toEqual([inner, env])
  })

  it.each(['nice', 'env', 'env A=1', 'timeout 5', 'env -S java', 'constructor java', 'nice -n', ''])(
    '%j is itself',
    command => expect(read(command)).toEqual([command, { A: '1', B: '2' }]),
  )
})
