import { expect, it } from 'vitest'
import { createCounters } from '../../../server/io/counters.ts'
import { createMetrics } from '../../../server/io/metrics.ts'

/** The samples of the text, by name with labels. */
const samples = (text: string) =>
  new Map(
    text
      .split('\n')
      .filter(line => line !== '' && !line.startsWith('#'))
      .map(line => [line.slice(0, line.lastIndexOf(' ')), Number(line.slice(line.lastIndexOf(' ') + 1))]),
  )

it('shows events by area and reason, transfers, octets and states', async () => {
  const counters = createCounters()
  let nodes = ['ready', 'ready', 'lost']
  let nowMs = 0
  const metrics = createMetrics(counters, () => nowMs)
  metrics.states('godwit_nodes', 'Nodes by state', () => nodes)
  counters.count('dhcp', 'dropped: option 53: "too" short')
  counters.count('http', 'file sent')
  counters.count('http', 'file sent')
  metrics.sent('http', 1000, true)
  metrics.sent('http', 24, false)
  metrics.sent('tftp', 5, true)
  const first = samples(await metrics.text())
  expect(first.get('godwit_events_total{area="http",reason="file sent"}')).toBe(2)
  expect(first.get('godwit_events_total{area="dhcp",reason="dropped: option 53: \\"too\\" short"}')).toBe(1)
  expect(first.get('godwit_transfers_total{protocol="http",result="part"}')).toBe(1)
  expect(first.get('godwit_sent_bytes_total{protocol="http"}')).toBe(1024)
  expect(first.get('godwit_sent_bytes_total{protocol="tftp"}')).toBe(5)
  expect(first.get('godwit_nodes{state="ready"}')).toBe(2)
  expect([...first.keys()].some(name => name.startsWith('nodejs_eventloop_lag'))).toBe(true)
  expect([...first.keys()].some(name => name.startsWith('process_cpu'))).toBe(true)

  nodes = ['ready']
  expect(samples(await metrics.text()).get('godwit_nodes{state="ready"}'), 'a second old at most').toBe(2)
  nowMs += 1000
  const later = samples(await metrics.text())
  expect(later.get('godwit_nodes{state="ready"}')).toBe(1)
  expect(later.has('godwit_nodes{state="lost"}')).toBe(false)
  expect(later.get('godwit_events_total{area="http",reason="file sent"}'), 'not counted twice').toBe(2)
})

it('sums up the rest when there are more reasons than a page can bear', async () => {
  const counters = createCounters()
  for (let index = 0; index < 700; index++) counters.count('dhcp', `reason ${index}`)
  const text = samples(await createMetrics(counters, () => 0).text())
  expect([...text.keys()].filter(name => name.startsWith('godwit_events_total'))).toHaveLength(501)
  expect(text.get('godwit_events_total{area="dhcp",reason="other"}')).toBe(200)
})
