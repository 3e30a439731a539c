import koffi from 'koffi';
import { describe, expect, it } from 'vitest';
import { LAYOUTS } from './layout.ts';

/** The structs as the headers of libc declare them, laid out by the rules of C with words of either size. */
describe.each([8, 4] as const)('with words of %i bytes', (word) => {
  const type = word === 8 ? 'uint64_t' : 'uint32_t';
  const layout = LAYOUTS[word];
  // A pointer and a size_t are words; socklen_t and int have four bytes.
  const msghdr = koffi.struct({
    msg_name: type,
    msg_namelen: 'uint32_t',
    msg_iov: type,
    msg_iovlen: type,
    msg_control: type,
    msg_controllen: type,
    msg_flags: 'int',
  });
  const mmsghdr = koffi.struct({ msg_hdr: msghdr, msg_len: 'unsigned int' });
  const iovec = koffi.struct({ iov_base: type, iov_len: type });
  const cmsghdr = koffi.struct({ cmsg_len: type, cmsg_level: 'int', cmsg_type: 'int' });

  it('struct mmsghdr', () => {
    expect(layout.mmsghdr).toEqual({
      size: koffi.sizeof(mmsghdr),
      name: koffi.offsetof(msghdr, 'msg_name'),
      nameLength: koffi.offsetof(msghdr, 'msg_namelen'),
      vector: koffi.offsetof(msghdr, 'msg_iov'),
      vectorLength: koffi.offsetof(msghdr, 'msg_iovlen'),
      control: koffi.offsetof(msghdr, 'msg_control'),
      controlLength: koffi.offsetof(msghdr, 'msg_controllen'),
      flags: koffi.offsetof(msghdr, 'msg_flags'),
      length: koffi.offsetof(mmsghdr, 'msg_len'),
    });
  });

  it('struct iovec', () => {
    expect(layout.iovec).toEqual({
      size: koffi.sizeof(iovec),
      base: koffi.offsetof(iovec, 'iov_base'),
      length: koffi.offsetof(iovec, 'iov_len'),
    });
  });

  it('struct cmsghdr', () => {
    expect(layout.cmsghdr).toEqual({
      length: koffi.offsetof(cmsghdr, 'cmsg_len'),
      level: koffi.offsetof(cmsghdr, 'cmsg_level'),
      type: koffi.offsetof(cmsghdr, 'cmsg_type'),
      data: koffi.sizeof(cmsghdr),
      align: word,
    });
  });
});
