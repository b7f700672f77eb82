import { mkdirSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { Log, Now } from '../../../protocol/log.ts'
import type { Output, OutputAsked } from '../../../protocol/output.ts'
import type { OutputRecord } from '../record.ts'
import { toForget } from '../retention.ts'
import { type OutputFile, openOutputFile } from './output-file.ts'

/** Octets of one answer; in base64 they fit a message to the server. */
const ANSWER_BYTES = 128 << 10

/** Where the output of one process goes. */
export type KeptOutput = {
  /** Takes what was read of stream 1 or 2. */
  keep(stream: 1 | 2, bytes: Uint8Array): void
  /** The process is over. */
  end(): void
}

/** The outputs of the detached processes of this node. */
export type Outputs = {
  /** Begins to keep that of a process. Never throws: what cannot be kept is dropped. */
  open(id: string): KeptOutput
  /** Answers what is asked, or `undefined` when nothing of this process is kept. */
  read(id: string, asked: OutputAsked): Promise<Output | undefined>
}

type One = { readonly file: OutputFile; endedAtMs: number | undefined; readonly waiting: Set<() => void> }

/**
 * Keeps outputs in `folder`. What an agent before this one has left there is kept on: those processes are over, they
 * ended with it. Never throws: an agent without such a folder does everything else.
 */
export function createOutputs(folder: string, now: Now, log: Log): Outputs {
  const outputs = new Map<string, One>()
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    for (const id of readdirSync(folder)) {
      const endedAtMs = statSync(join(folder, id)).mtimeMs
      outputs.set(id, { file: openOutputFile(join(folder, id)), endedAtMs, waiting: new Set() })
    }
  } catch (error) {
    log.warn({ folder, error: String(error) }, 'outputs of an earlier agent cannot be read')
  }

  function forgetOld(): void {
    const ended = [...outputs].flatMap(([id, { file, endedAtMs }]) =>
      endedAtMs === undefined ? [] : [{ id, endedAtMs, sizeBytes: file.sizeBytes() }],
    )
    for (const id of toForget(ended, now())) {
      outputs.get(id)?.file.remove()
      outputs.delete(id)
    }
  }

  function open(id: string): One | undefined {
    try {
      const one: One = { file: openOutputFile(join(folder, id)), endedAtMs: undefined, waiting: new Set() }
      outputs.set(id, one)
      return one
    } catch (error) {
      log.warn({ process: id, error: String(error) }, 'the output of a process cannot be kept')
      return undefined
    }
  }

  return {
    open(id) {
      forgetOld()
      const one = open(id)
      return {
        keep(stream, bytes) {
          one?.file.append({ stream, atMs: now(), bytes })
          if (one !== undefined) wake(one)
        },
        end() {
          if (one === undefined) return
          one.endedAtMs = now()
          one.file.close()
          wake(one)
          forgetOld()
        },
      }
    },
    async read(id, { from: asked, waitMs }) {
      forgetOld()
      const one = outputs.get(id)
      if (one === undefined) return undefined
      const { file } = one
      const from = asked === 'end' ? file.position() : asked
      if (file.position() <= from && one.endedAtMs === undefined && waitMs > 0) await moreOf(one, waitMs)
      const { records, next, droppedBytes } = file.read(from, ANSWER_BYTES)
      const ended = one.endedAtMs !== undefined && next >= file.position()
      return { next, droppedBytes, ended, pieces: records.map(pieceOf) }
    },
  }
}

function pieceOf({ stream, atMs, bytes }: OutputRecord): Output['pieces'][number] {
  return { stream: stream === 1 ? 'stdout' : 'stderr', atMs, data: Buffer.from(bytes).toString('base64') }
}

function wake({ waiting }: One): void {
  for (const go of [...waiting]) go()
}

function moreOf({ waiting }: One, waitMs: number): Promise<void> {
  return new Promise(resolve => {
    const go = (): void => {
      waiting.delete(go)
      clearTimeout(timer)
      resolve()
    }
    const timer = setTimeout(go, waitMs)
    timer.unref()
    waiting.add(go)
  })
}
