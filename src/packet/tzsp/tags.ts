/**
 * Tags stand between header and frame: number u8, length u8, value. PADDING and END are single bytes without a length. Unknown tags are
 * skipped. Numbers in the value are big endian.
 */
export const TAG = {
  PADDING: 0,
  /** The frame follows. */
  END: 1,
  RAW_RSSI: 10,
  SNR: 11,
  DATA_RATE: 12,
  TIMESTAMP: 13,
  MSG_TYPE: 14,
  CONTENTION_FREE: 15,
  DECRYPTED: 16,
  FCS_ERROR: 17,
  RX_CHANNEL: 18,
  WLAN_STATION: 30,
  WLAN_PACKET: 31,
  PACKET_ID: 40,
  ORIGINAL_LENGTH: 41,
  SENSOR_MAC: 60,
  DEVICE_NAME: 80,
  CAPTURE_LOCATION: 81,
  TIME_STAMP: 82,
  INFO: 83,
  CAPTURE_ID: 84,
} as const;

/** What a value holds. `timespec`: seconds and nanoseconds, u32 each, or u64 and u32. */
type TagForm = 'signed' | 'unsigned' | 'rate' | 'timespec' | 'mac' | 'text' | 'bytes';

interface TagEntry {
  number: number;
  name: string;
  form: TagForm;
  /** Lengths of the value that are right; empty: any. A tag of a wrong length is skipped like an unknown one. */
  lengths: readonly number[];
  meaning: string;
}

export const TAGS: readonly TagEntry[] = [
  { number: 10, name: 'raw_rssi', form: 'signed', lengths: [1, 2], meaning: 'signal strength, dBm' },
  { number: 11, name: 'snr', form: 'signed', lengths: [1, 2], meaning: 'signal to noise ratio, dB' },
  { number: 12, name: 'data_rate', form: 'rate', lengths: [1], meaning: 'units of 0.5 Mb/s' },
  { number: 13, name: 'timestamp', form: 'unsigned', lengths: [4], meaning: "µs of the sensor's MAC clock" },
  { number: 14, name: 'msg_type', form: 'unsigned', lengths: [1], meaning: 'message type' },
  { number: 15, name: 'contention_free', form: 'unsigned', lengths: [1], meaning: 'sent in a contention-free period' },
  { number: 16, name: 'decrypted', form: 'unsigned', lengths: [1], meaning: '0: the sensor has decrypted it' },
  { number: 17, name: 'fcs_error', form: 'unsigned', lengths: [1], meaning: '1: the check sequence was wrong' },
  { number: 18, name: 'rx_channel', form: 'unsigned', lengths: [1], meaning: 'channel' },
  { number: 30, name: 'wlan_station', form: 'bytes', lengths: [], meaning: 'statistics of a station' },
  { number: 31, name: 'wlan_packet', form: 'bytes', lengths: [], meaning: 'statistics of packets' },
  { number: 40, name: 'packet_id', form: 'unsigned', lengths: [4], meaning: 'running number' },
  { number: 41, name: 'original_length', form: 'unsigned', lengths: [2], meaning: 'bytes before slicing' },
  { number: 60, name: 'sensor_mac', form: 'mac', lengths: [6], meaning: 'address of the sensor' },
  { number: 80, name: 'device_name', form: 'text', lengths: [], meaning: 'name of the sensor' },
  { number: 81, name: 'capture_location', form: 'text', lengths: [], meaning: 'place of the sensor' },
  { number: 82, name: 'time_stamp', form: 'timespec', lengths: [8, 12], meaning: 'when it was captured' },
  { number: 83, name: 'info', form: 'text', lengths: [], meaning: 'remark' },
  { number: 84, name: 'capture_id', form: 'unsigned', lengths: [4], meaning: 'number of the capture' },
];

const BY_NUMBER: ReadonlyMap<number, TagEntry> = new Map(TAGS.map((tag) => [tag.number, tag]));

/** A tag as it came: its value is a part of the datagram, not a copy. */
export interface RawTag {
  number: number;
  value: Uint8Array;
}

export interface NamedTag {
  number: number;
  /** From the table, or `tag_233`. */
  name: string;
  /** Rates in Mb/s; times as `{seconds, nanoseconds}`; MAC as `aa:bb:…`; what is unknown or of a wrong length stays bytes. */
  value: number | string | { seconds: number; nanoseconds: number } | Uint8Array;
}

/** Codes of the data rate that are not units of 0.5 Mb/s (Network Chemistry's sensors). */
const LEGACY_RATES: ReadonlyMap<number, number> = new Map([
  [0x0a, 1],
  [0x14, 2],
  [0x37, 5.5],
  [0x6e, 11],
]);

/** Makes a tag readable; never throws. */
export function nameTag({ number, value }: RawTag): NamedTag {
  const entry = BY_NUMBER.get(number);
  if (entry === undefined) return { number, name: `tag_${number}`, value };
  const right = entry.lengths.length === 0 || entry.lengths.includes(value.length);
  return { number, name: entry.name, value: right ? read(entry.form, value) : value };
}

function read(form: TagForm, value: Uint8Array): NamedTag['value'] {
  const bytes = Buffer.from(value.buffer, value.byteOffset, value.length);
  switch (form) {
    case 'signed':
      return bytes.readIntBE(0, bytes.length);
    case 'unsigned':
      return bytes.readUIntBE(0, bytes.length);
    case 'rate':
      return LEGACY_RATES.get(bytes[0]!) ?? bytes[0]! / 2;
    case 'timespec': {
      const at = bytes.length - 4;
      const seconds = at === 4 ? bytes.readUInt32BE(0) : bytes.readUInt32BE(0) * 2 ** 32 + bytes.readUInt32BE(4);
      return { seconds, nanoseconds: bytes.readUInt32BE(at) };
    }
    case 'mac':
      return bytes.toString('hex').replace(/..(?!$)/g, '$&:');
    case 'text':
      return bytes.toString('utf8');
    case 'bytes':
      return value;
  }
}
