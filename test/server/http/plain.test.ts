import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { sendPlainly, testedLibc } from '../../fakes/native-calls.ts'

/** Every test that runs the real server, once more with a server that sends and receives by Node alone. */
describe('by Node alone', async () => {
  let before = false
  beforeAll(() => {
    before = sendPlainly(true)
  })
  afterAll(() => {
    sendPlainly(before)
  })
  it('sends without calls of the C library', () => expect(testedLibc()).toBeUndefined())
  // A name of its own, or the module would be the one that ran already.
  for (const suite of ['boot-service', 'boot-hostile'])
    await import(/* @vite-ignore */ new URL(`./${suite}.test.ts?plain`, import.meta.url).href)
})
