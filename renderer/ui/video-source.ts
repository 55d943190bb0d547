import { useCallback } from 'react';

/** A ref callback that shows a live stream in a media element and lets go of it again. */
export function useStreamRef(stream: MediaStream | null): (element: HTMLVideoElement | null) => void {
  return useCallback(
    (element: HTMLVideoElement | null) => {
      if (element !== null && element.srcObject !== stream) element.srcObject = stream;
    },
    [stream],
  );
}
