/** The tags of a TZSP header: type u8, length u8, value. PADDING and END are single bytes without a length. Unknown tags are skipped. */

export const Tag = {
  PADDING: 0,
  /** The frame follows. */
  END: 1,
  /** 1 or 2 bytes, signed. */
  RAW_RSSI: 10,
  /** Signal to noise, 1 or 2 bytes, signed; Wireshark calls it noise. */
  SNR: 11,
  /** 1 byte: units of 0.5 Mb/s, and older codes. */
  DATA_RATE: 12,
  /** 4 bytes: microseconds of the sender's MAC clock, no time of day. */
  TIMESTAMP: 13,
  /** 1 byte. */
  MESSAGE_TYPE: 14,
  /** 1 byte. */
  CONTENTION_FREE: 15,
  /** 1 byte: 0 means decrypted. */
  DECRYPTED: 16,
  /** 1 byte. */
  FCS_ERROR: 17,
  /** 1 byte. */
  RX_CHANNEL: 18,
  /** Any length. */
  STATION_STATISTICS: 30,
  /** Any length. */
  PACKET_STATISTICS: 31,
  /** 4 bytes; also called packet count. */
  PACKET_ID: 40,
  /** 2 bytes: the frame's length before it was sliced. */
  ORIGINAL_LENGTH: 41,
  /** 6 bytes; others write a serial number. */
  SENSOR_MAC: 60,
  /** Text. */
  DEVICE_NAME: 80,
  /** Text. */
  DEVICE_LOCATION: 81,
  /** Seconds and nanoseconds since the epoch, 4 bytes each. */
  TIME_STAMP: 82,
  /** Text. */
  DEVICE_INFO: 83,
  /** 4 bytes. */
  CAPTURE_ID: 84,
} as const;

/** More tags than this (padding included) carry no frame that anybody sends; the walk stays bounded by construction. */
export const MAX_TAGS = 4096;
