import { describe, expect, it } from 'vitest'
import { answerFile, type FileHeaders, httpDate } from '../../../server/http/file-answer.ts'

const MODIFIED_MS = Date.UTC(2026, 2, 1, 12, 0, 0, 500)
const file = { sizeBytes: 1000, etag: '"now"', modifiedMs: MODIFIED_MS }
const THEN = httpDate(MODIFIED_MS)
const EARLIER = httpDate(MODIFIED_MS - 60_000)
const part = { kind: 'part', start: 100, end: 999 }

describe('answerFile (RFC 9110 §13.2.2)', () => {
  it.each<[string, FileHeaders, unknown]>([
    ['no condition', {}, { kind: 'whole' }],
    ['the ETag it has', { 'if-none-match': '"old", "now"' }, { kind: 'unchanged' }],
    ['the same ETag, made weak on the way', { 'if-none-match': 'W/"now"' }, { kind: 'unchanged' }],
    ['any ETag', { 'if-none-match': '*' }, { kind: 'unchanged' }],
    ['another ETag', { 'if-none-match': '"old"' }, { kind: 'whole' }],
    ['the date it has', { 'if-modified-since': THEN }, { kind: 'unchanged' }],
    ['an earlier date', { 'if-modified-since': EARLIER }, { kind: 'whole' }],
    ['a date that is none', { 'if-modified-since': 'yesterday' }, { kind: 'whole' }],
    [
      'another ETag and the date it has: the ETag decides',
      { 'if-none-match': '"old"', 'if-modified-since': THEN },
      { kind: 'whole' },
    ],
    ['EDK2 going on with the same file', { range: 'bytes=100-', 'if-match': '"now"' }, part],
    ['EDK2 going on with another file', { range: 'bytes=100-', 'if-match': '"old"' }, { kind: 'changed' }],
    ['EDK2 going on by date', { range: 'bytes=100-', 'if-unmodified-since': THEN }, part],
    [
      'EDK2 going on by date, the file is newer',
      { range: 'bytes=100-', 'if-unmodified-since': EARLIER },
      { kind: 'changed' },
    ],
    ['a weak ETag is no proof', { 'if-match': 'W/"now"' }, { kind: 'changed' }],
    ['If-Range with our ETag', { range: 'bytes=100-', 'if-range': '"now"' }, part],
    ['If-Range with another', { range: 'bytes=100-', 'if-range': '"old"' }, { kind: 'whole' }],
    ['If-Range with our date', { range: 'bytes=100-', 'if-range': THEN }, part],
    ['If-Range with an earlier date', { range: 'bytes=100-', 'if-range': EARLIER }, { kind: 'whole' }],
    [
      'a known ETag wins over Range',
      { range: 'bytes=100-', 'if-none-match': '"now"' },
      { kind: 'unchanged' },
    ],
  ])('%s', (_name, headers, expected) => {
    expect(answerFile('GET', headers, file)).toEqual(expected)
  })

  it('HEAD knows no Range', () => {
    expect(answerFile('HEAD', { range: 'bytes=5000-' }, file)).toEqual({ kind: 'whole' })
  })
})
