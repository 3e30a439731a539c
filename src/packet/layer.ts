/**
 * How decoders answer: with a layer, or with a reject that says what is wrong and where. None throws, whatever the bytes are. A layer lies in
 * `bytes[start, end)`; `payload` is where the next begins. A packet that the sender sliced has `end` at the last byte that came along.
 */
export interface Layer {
  layer: string;
  start: number;
  payload: number;
  /** End of this layer's own payload; what lies behind it (padding of short Ethernet frames, check sequences) belongs to no layer. */
  end: number;
}

/** `short`: the header is cut; the others: the field of that name contradicts the standard. */
export type DecodeCode = 'short' | 'version' | 'header_length' | 'length' | 'too_deep';

export interface Reject {
  layer: 'reject';
  /** Which decoder. */
  of: string;
  code: DecodeCode;
  /** Of the first byte that is wrong or missing, in the given bytes. */
  offset: number;
}

export function reject(of: string, code: DecodeCode, offset: number): Reject {
  return { layer: 'reject', of, code, offset };
}
