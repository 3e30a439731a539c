/**
 * Layouts of the structs that recvmmsg(2) and sendmmsg(2) take, for 64- and 32-bit machines (all of them little endian). Offsets and sizes in bytes;
 * a word is a pointer or a size_t. From struct msghdr (recvmsg(2)), struct mmsghdr (recvmmsg(2)), struct iovec (readv(2)), struct cmsghdr (cmsg(3)).
 */
export interface Layout {
  word: 4 | 8;
  mmsghdr: {
    size: number;
    name: number;
    nameLength: number;
    vector: number;
    vectorLength: number;
    control: number;
    controlLength: number;
    flags: number;
    /** Bytes of this message: filled in by the kernel. */
    length: number;
  };
  iovec: { size: number; base: number; length: number };
  cmsghdr: { length: number; level: number; type: number; data: number; align: number };
}

export const LAYOUTS: Record<4 | 8, Layout> = {
  8: {
    word: 8,
    mmsghdr: {
      size: 64,
      name: 0,
      nameLength: 8,
      vector: 16,
      vectorLength: 24,
      control: 32,
      controlLength: 40,
      flags: 48,
      length: 56,
    },
    iovec: { size: 16, base: 0, length: 8 },
    cmsghdr: { length: 0, level: 8, type: 12, data: 16, align: 8 },
  },
  4: {
    word: 4,
    mmsghdr: {
      size: 32,
      name: 0,
      nameLength: 4,
      vector: 8,
      vectorLength: 12,
      control: 16,
      controlLength: 20,
      flags: 24,
      length: 28,
    },
    iovec: { size: 8, base: 0, length: 4 },
    cmsghdr: { length: 0, level: 4, type: 8, data: 12, align: 4 },
  },
};
