/** Up to this many logical processors, several software encoders of 720p leave no room for a recording (FACTS.md). */
const SMALL_MACHINE_CORES = 4;

/** What to ask of a camera: 720p, or 360p on a small machine, because a mesh encodes the picture once per receiver. */
export function cameraConstraints(deviceId: string, logicalCores: number): MediaTrackConstraints {
  const small = logicalCores <= SMALL_MACHINE_CORES;
  return {
    width: { ideal: small ? 640 : 1280 },
    height: { ideal: small ? 360 : 720 },
    frameRate: { ideal: 30, max: 30 },
    ...preferring(deviceId),
  };
}

/** What to ask of a microphone: one voice, cleaned of echo and noise. */
export function microphoneConstraints(deviceId: string): MediaTrackConstraints {
  return {
    echoCancellation: true,
    noiseSuppression: true,
    autoGainControl: true,
    channelCount: { ideal: 1 },
    ...preferring(deviceId),
  };
}

// `ideal`, not `exact`: a remembered device that is not plugged in today falls back to the system's default.
function preferring(deviceId: string): MediaTrackConstraints {
  return deviceId === '' ? {} : { deviceId: { ideal: deviceId } };
}
