/** The tags of a TZSP header: type u8, length u8, value. PADDING and END are single bytes without a length. Unknown tags are skipped. */

export const Tag = {
  PADDING: 0,
  /** The frame follows. */
  END: 1,
  RAW_RSSI: 10,
  /** Signal to noise; Wireshark calls it noise. */
  SNR: 11,
  DATA_RATE: 12,
  /** Microseconds of the sender's MAC clock: no time of day. */
  TIMESTAMP: 13,
  MESSAGE_TYPE: 14,
  CONTENTION_FREE: 15,
  /** 0 means decrypted. */
  DECRYPTED: 16,
  FCS_ERROR: 17,
  RX_CHANNEL: 18,
  STATION_STATISTICS: 30,
  PACKET_STATISTICS: 31,
  PACKET_ID: 40,
  /** The frame's length before it was sliced. */
  ORIGINAL_LENGTH: 41,
  SENSOR_MAC: 60,
  DEVICE_NAME: 80,
  DEVICE_LOCATION: 81,
  /** Seconds and nanoseconds since the epoch, network order. */
  TIME_STAMP: 82,
  DEVICE_INFO: 83,
  CAPTURE_ID: 84,
} as const;

export interface TagKind {
  type: number;
  name: string;
  /** Lengths that are right; null: any. */
  lengths: readonly number[] | null;
}

export const TAG_KINDS: readonly TagKind[] = [
  { type: Tag.RAW_RSSI, name: 'raw RSSI', lengths: [1, 2] },
  { type: Tag.SNR, name: 'SNR', lengths: [1, 2] },
  { type: Tag.DATA_RATE, name: 'data rate', lengths: [1] },
  { type: Tag.TIMESTAMP, name: 'timestamp', lengths: [4] },
  { type: Tag.MESSAGE_TYPE, name: 'message type', lengths: [1] },
  { type: Tag.CONTENTION_FREE, name: 'contention free', lengths: [1] },
  { type: Tag.DECRYPTED, name: 'decrypted', lengths: [1] },
  { type: Tag.FCS_ERROR, name: 'FCS error', lengths: [1] },
  { type: Tag.RX_CHANNEL, name: 'RX channel', lengths: [1] },
  { type: Tag.STATION_STATISTICS, name: 'WLAN station statistics', lengths: null },
  { type: Tag.PACKET_STATISTICS, name: 'WLAN packet statistics', lengths: null },
  { type: Tag.PACKET_ID, name: 'packet id', lengths: [4] },
  { type: Tag.ORIGINAL_LENGTH, name: 'original length', lengths: [2] },
  { type: Tag.SENSOR_MAC, name: 'sensor MAC', lengths: null },
  { type: Tag.DEVICE_NAME, name: 'device name', lengths: null },
  { type: Tag.DEVICE_LOCATION, name: 'device location', lengths: null },
  { type: Tag.TIME_STAMP, name: 'time stamp', lengths: null },
  { type: Tag.DEVICE_INFO, name: 'device information', lengths: null },
  { type: Tag.CAPTURE_ID, name: 'capture id', lengths: [4] },
];

/** More tags than this (padding included) carry no frame that anybody sends; the walk stays bounded by construction. */
export const MAX_TAGS = 4096;
