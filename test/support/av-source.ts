import { open } from 'node:fs/promises';

/** Every source flashes and beeps once per period, so that loops and measurements agree on what belongs together. */
export const PERIOD_MS = 2000;
export const FLASH_MS = 100;
export const BEEP_MS = 100;
const WIDTH = 640;
const HEIGHT = 360;
const FRAMES_PER_SECOND = 30;
const SAMPLE_RATE = 48_000;

export type PersonLook = {
  /** Colour (chroma) that tells the person's tile from others, 0..255 each. */
  u: number;
  v: number;
  /** Pitch of the person's steady quiet tone: it proves that sound never stops. */
  toneHz: number;
  /** Pitch of the person's beep, which tells it from the others' in a mix. */
  beepHz: number;
};

export const LOOKS: readonly PersonLook[] = [
  { u: 90, v: 200, toneHz: 330, beepHz: 1000 },
  { u: 200, v: 90, toneHz: 440, beepHz: 1600 },
  { u: 60, v: 60, toneHz: 550, beepHz: 2300 },
];

/** Small deterministic generator (mulberry32), so that a failure can be repeated. */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** Writes a camera for Chromium's fake device: 640x360, 30 fps, noise in motion, a white flash per period, a frame counter in 16 blocks. */
export async function writeCamera(path: string, look: PersonLook, seconds: number): Promise<void> {
  const random = seededRandom(look.toneHz);
  const noise = Uint8Array.from({ length: WIDTH * HEIGHT * 2 }, () => 90 + Math.floor(random() * 30));
  const frame = new Uint8Array((WIDTH * HEIGHT * 3) / 2);
  frame.fill(look.u, WIDTH * HEIGHT, (WIDTH * HEIGHT * 5) / 4);
  frame.fill(look.v, (WIDTH * HEIGHT * 5) / 4);
  const file = await open(path, 'w');
  try {
    await file.write(`YUV4MPEG2 W${WIDTH} H${HEIGHT} F${FRAMES_PER_SECOND}:1 Ip A1:1 C420jpeg\n`);
    for (let index = 0; index < seconds * FRAMES_PER_SECOND; index += 1) {
      const atMs = (index * 1000) / FRAMES_PER_SECOND;
      const shift = (index * 640) % (WIDTH * HEIGHT);
      frame.set(noise.subarray(shift, shift + WIDTH * HEIGHT), 0);
      if (atMs % PERIOD_MS < FLASH_MS - 1) frame.fill(235, 0, WIDTH * HEIGHT);
      for (let bit = 0; bit < 16; bit += 1) {
        const level = (index >> bit) & 1 ? 235 : 16;
        for (let y = HEIGHT - 40; y < HEIGHT - 16; y += 1) {
          frame.fill(level, y * WIDTH + 64 + bit * 32, y * WIDTH + 64 + bit * 32 + 28);
        }
      }
      await file.write('FRAME\n');
      await file.write(frame);
    }
  } finally {
    await file.close();
  }
}

/** Writes a microphone for Chromium's fake device: a steady quiet tone and one beep per period. */
export async function writeMicrophone(path: string, look: PersonLook, seconds: number): Promise<void> {
  const samples = new Int16Array(seconds * SAMPLE_RATE);
  for (let index = 0; index < samples.length; index += 1) {
    const atSeconds = index / SAMPLE_RATE;
    const beeping = (atSeconds * 1000) % PERIOD_MS < BEEP_MS;
    const tone = 0.05 * Math.sin(2 * Math.PI * look.toneHz * atSeconds);
    const beep = beeping ? 0.6 * Math.sin(2 * Math.PI * look.beepHz * atSeconds) : 0;
    samples[index] = Math.round((tone + beep) * 32_767);
  }
  const header = Buffer.alloc(44);
  header.write('RIFF', 0);
  header.writeUInt32LE(36 + samples.byteLength, 4);
  header.write('WAVEfmt ', 8);
  header.writeUInt32LE(16, 16);
  header.writeUInt16LE(1, 20);
  header.writeUInt16LE(1, 22);
  header.writeUInt32LE(SAMPLE_RATE, 24);
  header.writeUInt32LE(SAMPLE_RATE * 2, 28);
  header.writeUInt16LE(2, 32);
  header.writeUInt16LE(16, 34);
  header.write('data', 36);
  header.writeUInt32LE(samples.byteLength, 40);
  const file = await open(path, 'w');
  try {
    await file.write(header);
    await file.write(new Uint8Array(samples.buffer));
  } finally {
    await file.close();
  }
}
