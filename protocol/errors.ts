/**
 * Every stable error code, its meaning, and what a person does next. `docs/errors.md` is checked against this
 * table. Codes are never renamed; new ones are appended to their area.
 */
export const ERRORS = {
  GW_CONFIG_INVALID: {
    meaning: 'the configuration has problems',
    next: 'correct the fields named in the message',
  },
  GW_PORT_IN_USE: {
    meaning: 'another program holds a port we need',
    next: 'stop it, or choose another port in the configuration',
  },
  GW_NO_INTERFACE: {
    meaning: 'no network interface to serve on',
    next: 'name it: network.interface in the configuration or --interface',
  },
  GW_NOT_PERMITTED: {
    meaning: 'the system does not allow this to this user',
    next: 'run it as root or grant the capability named',
  },
  GW_IMAGE_MISSING: { meaning: 'no image to boot', next: 'build one: godwit image build' },
  GW_IMAGE_RECIPE: {
    meaning: 'the image recipe is not valid',
    next: 'correct the fields named in the message',
  },
  GW_IMAGE_BUILD: {
    meaning: 'a step of the image build failed',
    next: 'read the lines of that step in the message',
  },
  GW_SERVER_DOWN: { meaning: 'no godwit server answers', next: 'start one: godwit serve, or godwit lab up' },
  GW_BAD_MESSAGE: {
    meaning: 'a message does not fit its schema',
    next: 'use the same version on both sides',
  },
  GW_TOKEN_UNKNOWN: {
    meaning: 'the join token was never given out',
    next: 'reboot the machine: each boot gets a new one',
  },
  GW_TOKEN_USED: {
    meaning: 'the join token was used before',
    next: 'reboot the machine; if nobody did, somebody copies tokens',
  },
  GW_TOKEN_EXPIRED: { meaning: 'the join token is too old', next: 'reboot the machine' },
  GW_NODE_UNKNOWN: { meaning: 'no node has this name', next: 'see godwit nodes' },
  GW_NODE_OFFLINE: { meaning: 'the node is not connected', next: 'see godwit nodes; power the machine on' },
  GW_NODE_LOST: {
    meaning: 'the connection to the node broke after the start of the process',
    next: 'see godwit ps --all before you run it again: it may have done its work',
  },
  GW_NODE_REFUSED: {
    meaning: 'the node did not accept the process',
    next: 'see the reason; godwit why shows the decision',
  },
  GW_NO_PLACE: {
    meaning: 'no node can take the process',
    next: 'see the reasons by node; boot more machines or ask for less memory',
  },
  GW_TICKET_INVALID: {
    meaning: 'the ticket is not valid here',
    next: 'ask for a new one: run the command again',
  },
  GW_TICKET_USED: { meaning: 'the ticket was used before', next: 'run the command again' },
  GW_PROCESS_UNKNOWN: { meaning: 'no process has this name', next: 'see godwit ps --all' },
  GW_HISTORY_UNKNOWN: { meaning: 'nothing was learned under this key', next: 'see godwit history' },
  GW_PROCESS_ENDED: { meaning: 'the process has ended already', next: 'see godwit ps --all' },
  GW_EXEC_NOT_FOUND: { meaning: 'the node has no such program', next: 'add its package to the image recipe' },
  GW_EXEC_FAILED: { meaning: 'the node could not start the program', next: 'see the reason in the message' },
  GW_PEER_UNTRUSTED: {
    meaning: 'the other side is not who it should be',
    next: 'check that both belong to the same cluster',
  },
  GW_STORE: {
    meaning: 'the database could not be read or written',
    next: 'check space and permissions of the state folder',
  },
  GW_INTERNAL: {
    meaning: 'something went wrong inside godwit',
    next: 'report it with the log lines of that moment',
  },
  GW_CAPTURE: {
    meaning: 'packets could not be captured, or a capture file not read',
    next: 'see the reason in the message',
  },
  GW_LAB: { meaning: 'the lab could not be run', next: 'see the reason in the message' },
  GW_ARRIVALS: {
    meaning: 'a list of arrivals could not be read',
    next: 'compare it with the example in docs/placement.md',
  },
  GW_NOT_SAME: {
    meaning: 'the node has another program, folder or file of that name',
    next: 'run it with godwit run, which does not ask for the same, or let the node boot the same image',
  },
  GW_NO_OUTPUT: {
    meaning: 'no output of this process is kept',
    next: 'start it with godwit run --detach: only then its node keeps what it writes, for a day after its end',
  },
  GW_DOOR_FULL: {
    meaning:
      'one user has too many programs at one door, and it had no room within 8 s, or too many wait for that',
    next: 'wait until some have ended; a shim meanwhile runs its program where it was typed',
  },
  GW_SHIM: { meaning: 'a shim could not be made or removed', next: 'see the reason in the message' },
} as const

/** One of the stable codes. */
export type ErrorCode = keyof typeof ERRORS

/** A failure for people: a stable code, one sentence, and the cause kept. */
export class GodwitError extends Error {
  readonly code: ErrorCode
  constructor(code: ErrorCode, message: string, options?: { readonly cause?: unknown }) {
    super(message, options)
    this.name = 'GodwitError'
    this.code = code
  }
}

/** What to do next about `code`, as one clause. */
export function nextStep(code: ErrorCode): string {
  return ERRORS[code].next
}
