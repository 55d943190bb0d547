/** What the lobby and the call share: one open camera and microphone, so that entering a call does not reopen devices. */
export type LocalMediaView = {
  /** Live picture of the camera, or null while it is off or could not be opened. */
  camera: MediaStreamTrack | null;
  microphone: MediaStreamTrack | null;
  cameraError: 'DEVICE_MISSING' | 'DEVICE_BUSY' | 'DEVICE_BLOCKED' | null;
  microphoneError: 'DEVICE_MISSING' | 'DEVICE_BUSY' | 'DEVICE_BLOCKED' | null;
  devices: { cameras: MediaDeviceInfo[]; microphones: MediaDeviceInfo[]; speakers: MediaDeviceInfo[] };
};

/** Owner of the local devices. */
export type LocalMedia = {
  getView(): LocalMediaView;
  subscribe(listener: () => void): () => void;
  /** Opens or closes the camera; an error is in the view, never thrown. */
  setCamera(on: boolean): Promise<void>;
  setMicrophone(on: boolean): Promise<void>;
  chooseCamera(deviceId: string): Promise<void>;
  chooseMicrophone(deviceId: string): Promise<void>;
  /** Level of the own microphone now, 0..1. */
  microphoneLevel(): number;
  dispose(): void;
};
