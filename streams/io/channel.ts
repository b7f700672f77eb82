import type { Frame } from '../frame.ts'

/** How a channel's user hears of it. `onClosed` is called once and last; with a reason when the link is lost. */
export type ChannelUser = {
  onFrame(frame: Frame): void
  onClosed(lost: string | undefined): void
  /** The link takes more again, after it was full. */
  onRoom(): void
}

/** One run on a link. */
export type Channel = {
  send(frame: Frame): void
  /** Ends the run's channel; nothing more is heard of it. */
  close(): void
  /** Whether to wait for `onRoom` before sending more than has to be. */
  isFull(): boolean
  /** How often something has arrived on the link: two equal answers mean that nothing was heard in between. */
  heard(): number
}
