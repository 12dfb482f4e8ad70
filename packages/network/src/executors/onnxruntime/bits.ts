/** Eight bytes of 0 or 1 as one. */
export function packBits(truths: Uint8Array): Uint8Array {
  const packed = new Uint8Array(Math.ceil(truths.length / 8));
  const whole = truths.length >> 3;
  const halves = new Int32Array(truths.buffer, truths.byteOffset, 2 * whole);
  // A product brings the lowest bits of four bytes next to each other in the highest byte.
  for (let i = 0; i < whole; i++)
    packed[i] = (Math.imul(halves[2 * i]!, GATHER) >>> 24) | ((Math.imul(halves[2 * i + 1]!, GATHER) >>> 24) << 4);
  for (let i = 8 * whole; i < truths.length; i++) packed[i >> 3]! |= truths[i]! << (i & 7);
  return packed;
}

const GATHER = 0x01020408;

/** Writes the bytes again; `room` says how many. */
export function unpackBits(packed: Uint8Array, room: Uint8Array): void {
  const whole = room.length >> 3;
  const halves = new Uint32Array(room.buffer, room.byteOffset, 2 * whole);
  for (let i = 0; i < whole; i++) {
    const byte = packed[i]!;
    halves[2 * i] = FOUR[byte & 15]!;
    halves[2 * i + 1] = FOUR[byte >> 4]!;
  }
  for (let i = 8 * whole; i < room.length; i++) room[i] = (packed[i >> 3]! >> (i & 7)) & 1;
}

/** Places are told by their low 16 bits where neighbours lie less than so far apart, and the first so far from the start. */
export const NEAR = 2 ** 15;

/** Places in an array of less than 2³¹ values, of which neighbours are near each other. */
export function packPlaces(places: BigInt64Array): Uint16Array {
  const quarters = new Uint16Array(places.buffer, places.byteOffset, 4 * places.length);
  const packed = new Uint16Array(places.length);
  for (let i = 0; i < packed.length; i++) packed[i] = quarters[4 * i]!;
  return packed;
}

/** Writes the places again into a room of as many, whose upper halves are zero. */
export function unpackPlaces(packed: Uint16Array, room: BigInt64Array): void {
  const halves = new Int32Array(room.buffer, room.byteOffset, 2 * room.length);
  let last = 0;
  for (let i = 0; i < packed.length; i++) {
    last += ((packed[i]! - last) << 16) >> 16;
    halves[2 * i] = last;
  }
}

/** Four bits as four bytes, the lowest first. */
const FOUR = Uint32Array.from({ length: 16 }, (_, bits) => {
  const bytes = Uint8Array.from({ length: 4 }, (__, i) => (bits >> i) & 1);
  return new Uint32Array(bytes.buffer)[0]!;
});
