import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readAnswer } from './ask.ts';
import { Reading, ShapeError } from './reading.ts';

const answer = (head: string, body: string): Buffer => Buffer.from(`${head}\r\n\r\n${body}`);
const OK_HEAD = 'HTTP/1.1 200 OK';

describe('an answer over the socket', () => {
  it.each([
    ['with its length', `${OK_HEAD}\r\nContent-Length: 7`, '{"a":1}and more'],
    ['in chunks', `${OK_HEAD}\r\ntransfer-encoding: chunked`, '3\r\n{"a\r\n4;x=y\r\n":1}\r\n0\r\n\r\n'],
  ])('is read %s', (_, head, body) => {
    expect(readAnswer(answer(head, body), false)).toEqual({ a: 1 });
  });

  it('is read to the end of the connection where it has no length', () => {
    expect(readAnswer(answer('HTTP/1.0 200 OK', '{"a":1}'), false)).toBeNull();
    expect(readAnswer(answer('HTTP/1.0 200 OK', '{"a":1}'), true)).toEqual({ a: 1 });
  });

  it('is waited for while a part is missing', () => {
    const whole = answer(`${OK_HEAD}\r\ntransfer-encoding: chunked`, '7\r\n{"a":1}\r\n0\r\n\r\n');
    for (let length = 0; length < whole.length - 4; length++)
      expect(readAnswer(whole.subarray(0, length), false)).toBeNull();
  });

  it.each([
    ['SSH-2.0-OpenSSH_9.2', 'no HTTP'],
    ['HTTP/1.1 abc\r\n\r\n', 'no HTTP'],
    [`${OK_HEAD}\r\nContent-Length: 1e9\r\n\r\n`, 'no sane length'],
    [`${OK_HEAD}\r\nContent-Length: 2\r\n\r\n{]`, 'no JSON'],
    [`${OK_HEAD}\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n`, 'broken chunk'],
    ['HTTP/1.1 503 Busy\r\nContent-Length: 41\r\n\r\n{"error":{"message":"it is starting yet"}}', 'answered 503'],
    [`HTTP/1.1${' '.repeat(70_000)}`, 'no HTTP'],
  ])('that is none is told: %j', (text, said) => {
    expect(() => readAnswer(Buffer.from(text), true)).toThrow(said);
  });

  it('throws nothing but errors, whatever comes', () => {
    const piece = fc.oneof(
      fc.constantFrom(
        OK_HEAD,
        '\r\n',
        '\r\n\r\n',
        'Content-Length: 5',
        'Transfer-Encoding: chunked',
        '{"a":1}',
        'ff\r\n',
      ),
      fc.string(),
    );
    fc.assert(
      fc.property(fc.array(piece), fc.boolean(), (pieces, closed) => {
        try {
          readAnswer(Buffer.from(pieces.join('')), closed);
        } catch (error) {
          expect(error).toBeInstanceOf(Error);
          expect(error).not.toBeInstanceOf(TypeError);
          expect(error).not.toBeInstanceOf(RangeError);
        }
      }),
    );
  });
});

describe('a field of an answer', () => {
  it('is what it must be, or named', () => {
    const reading = new Reading({ n: 1, t: 'x', l: [{}], o: {}, z: null }, 'x');
    expect([reading.number('n'), reading.text('t'), reading.numberOrNull('z'), reading.objectOrNull('absent')]).toEqual(
      [1, 'x', null, null],
    );
    for (const wrong of [
      () => reading.number('t'),
      () => reading.text('n'),
      () => reading.list('o'),
      () => reading.object('l'),
      () => reading.oneOf('t', ['y']),
      () => reading.text('toString'),
      () => new Reading([], 'x'),
      () => new Reading(null, 'x'),
      () => new Reading({ l: [1] }, 'x').list('l'),
    ])
      expect(wrong).toThrow(ShapeError);
  });
});
