/** What the mix's window tells its worker. */
export type MixCommand =
  /** Get ready: load what the first drawing needs. */
  | { kind: 'warm' }
  | { kind: 'start'; width: number; height: number; framesPerSecond: number; output: WritableStream<VideoFrame> }
  /** The people in the picture, in reading order; whoever is absent leaves it. */
  | { kind: 'people'; people: { id: string; name: string }[] }
  /** A person's picture begins, or is replaced by that of another track. */
  | { kind: 'picture'; id: string; frames: ReadableStream<VideoFrame> }
  /** A person's picture was switched off: the name is shown. */
  | { kind: 'noPicture'; id: string }
  | { kind: 'stop' };

/** How the drawing keeps up, told once a second. */
export type MixReport = { kind: 'report'; drawnFrames: number; largestGapMs: number };

/** What the worker tells back; `flowing` once, when the first frame went out. */
export type MixNews = { kind: 'flowing' } | MixReport;
