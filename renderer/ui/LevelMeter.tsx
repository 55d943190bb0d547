import { useEffect, useRef } from 'react';

/** Sound level as a bar. The level (0..1) is read once a frame and written straight to the element: no render per frame. */
export function LevelMeter({ label, read }: { label: string; read: () => number }) {
  const ref = useRef<HTMLDivElement>(null);
  const readRef = useRef(read);
  useEffect(() => {
    readRef.current = read;
  });
  useEffect(() => {
    let shown = 0;
    let frame = 0;
    const tick = (): void => {
      const level = Math.min(1, Math.max(0, readRef.current()));
      // Falls slower than it rises, so that short sounds can be seen.
      shown = level > shown ? level : shown * 0.88;
      const element = ref.current;
      element?.style.setProperty('--level', shown.toFixed(3));
      element?.setAttribute('aria-valuenow', String(Math.round(shown * 100)));
      frame = requestAnimationFrame(tick);
    };
    frame = requestAnimationFrame(tick);
    return () => cancelAnimationFrame(frame);
  }, []);
  return (
    <div
      ref={ref}
      className="meter"
      role="meter"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={0}
    >
      <div className="meter-fill" />
    </div>
  );
}
